using System.Net;

namespace KestrelTlsUpgrade.Client.Internal;

/// <summary>The server, or the proxy, answered and said no: nothing failed, and clear text may follow where the mode allows it.</summary>
internal sealed class UpgradeRefusedException(
    HttpRequestError error, string message, Exception? innerException = null, HttpStatusCode? statusCode = null)
    : UpgradeException(error, message, innerException, statusCode)
{
    /// <summary>Whether the connection can go on in clear text where it is.</summary>
    public bool IsConnectionUsable { get; init; }
}
