using KestrelTlsUpgrade.Client.Internal;

namespace System.Net.Http;

/// <summary>Extension methods that describe why a request failed.</summary>
public static class HttpRequestExceptionTlsUpgradeExtensions
{
    /// <summary>
    /// Whether the connection could not be upgraded to TLS (RFC 2817), and a retry in a moment would fail in the same way.
    /// </summary>
    /// <param name="exception">The exception of a request.</param>
    /// <returns>
    /// <see langword="true"/> if the server or the proxy refused with a status that lasts, the TLS handshake or the server's certificate was
    /// rejected, or the request allows nothing below HTTP/2. <see langword="false"/> for anything else: the network, timeouts, and a
    /// refusal such as <c>503 Service Unavailable</c> or one with <c>Retry-After</c>.
    /// </returns>
    /// <exception cref="ArgumentNullException"><paramref name="exception"/> is <see langword="null"/>.</exception>
    public static bool IsLastingTlsUpgradeFailure(this HttpRequestException exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        return exception.Data.Contains(LastingFailure.Key);
    }
}
