using System.Net;

namespace KestrelTlsUpgrade.Client.Internal;

/// <summary>The server or the proxy refused the upgrade. Nothing failed, and clear text may follow if the mode allows it.</summary>
internal sealed class UpgradeRefusedException(
    HttpRequestError error, string message, Exception? innerException = null, HttpStatusCode? statusCode = null)
    : UpgradeException(error, message, innerException, statusCode)
{
    /// <summary>Whether the connection can continue in clear text.</summary>
    public bool IsConnectionUsable { get; init; }
}
