using System.Net.Security;

namespace KestrelTlsUpgrade.Connections.Pipes;

/// <summary>The alert that ends TLS in an orderly way (RFC 8446 section 6.1), which Kestrel does not send by itself.</summary>
internal static class CloseNotify
{
    public static async Task SendAsync(SslStream stream, CancellationToken connectionClosed)
    {
        if (connectionClosed.IsCancellationRequested)
        {
            return;
        }

        try
        {
            await stream.ShutdownAsync();
        }
        catch (Exception)
        {
            // TLS is broken or the client is gone, and what that throws depends on the platform's TLS library. There is
            // nobody left to tell, and the connection ends all the same.
        }
    }
}
