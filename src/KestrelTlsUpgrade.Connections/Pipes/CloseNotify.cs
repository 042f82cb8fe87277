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
            // TLS is broken or the client is gone. The exception depends on the platform's TLS library, and there is nobody
            // to report it to: the connection ends anyway.
        }
    }
}
