using System.Net.Security;

namespace KestrelTlsUpgrade.Internal.Switching;

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
        catch (Exception exception) when (exception is IOException or InvalidOperationException or OperationCanceledException)
        {
            // The connection broke meanwhile: there is nobody left to tell.
        }
    }
}
