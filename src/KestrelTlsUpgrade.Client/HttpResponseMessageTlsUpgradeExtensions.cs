using KestrelTlsUpgrade.Client;
using KestrelTlsUpgrade.Client.Internal.Sending;

namespace System.Net.Http;

/// <summary>Extension methods that tell how a response was received.</summary>
public static class HttpResponseMessageTlsUpgradeExtensions
{
    /// <summary>Tells whether the response came over a connection that was upgraded to TLS (RFC 2817), and over which.</summary>
    /// <param name="response">A response of a client with a <see cref="TlsUpgradeHttpHandler"/>.</param>
    /// <returns>What is known of the connection; "not upgraded" for responses of any other handler.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="response"/> is <see langword="null"/>.</exception>
    public static TlsUpgradeInfo GetTlsUpgradeInfo(this HttpResponseMessage response)
    {
        ArgumentNullException.ThrowIfNull(response);
        return response.RequestMessage is { } request && request.Options.TryGetValue(RequestSender.InfoKey, out var info)
            ? info
            : TlsUpgradeInfo.None;
    }
}
