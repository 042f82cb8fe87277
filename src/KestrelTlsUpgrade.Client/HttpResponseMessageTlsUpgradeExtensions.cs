using KestrelTlsUpgrade.Client;
using KestrelTlsUpgrade.Client.Internal.Sending;

namespace System.Net.Http;

/// <summary>Extension methods that describe how a response was received.</summary>
public static class HttpResponseMessageTlsUpgradeExtensions
{
    /// <summary>
    /// Gets whether the response came over a connection that was upgraded to TLS (RFC 2817), and details of that connection.
    /// </summary>
    /// <remarks>
    /// The connection is found by the object in <see cref="HttpResponseMessage.Version"/>. A response that a handler creates with the
    /// <c>Version</c> of another one counts as received over the same connection, and one that got another <c>Version</c> as not upgraded.
    /// </remarks>
    /// <param name="response">A response of a client with a <see cref="TlsUpgradeHttpHandler"/>.</param>
    /// <returns>What is known about the connection. Responses of other handlers are reported as not upgraded.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="response"/> is <see langword="null"/>.</exception>
    public static TlsUpgradeInfo GetTlsUpgradeInfo(this HttpResponseMessage response)
    {
        ArgumentNullException.ThrowIfNull(response);
        return ResponseConnection.Of(response);
    }
}
