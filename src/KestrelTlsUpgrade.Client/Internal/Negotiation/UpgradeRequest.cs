using System.Security.Authentication;
using System.Text;
using KestrelTlsUpgrade.Internal.Negotiation;

namespace KestrelTlsUpgrade.Client.Internal.Negotiation;

/// <summary>
/// The request that asks for the upgrade (RFC 2817 section 3). It is sent in clear text, so there is nothing in it of the request
/// that it is for.
/// </summary>
/// <param name="Method">
/// <c>OPTIONS *</c> as RFC 2817 section 3.2 has it, or <c>HEAD /</c> for servers that get the answer to that wrong inside TLS.
/// </param>
internal readonly record struct UpgradeRequest(UpgradeMethod Method)
{
    /// <summary>What it is called in messages.</summary>
    public string Name => Method is UpgradeMethod.Head ? "HEAD /" : "OPTIONS *";

    /// <summary>Whether the answer can have content (RFC 9110 section 9.3.2).</summary>
    public bool AnswerHasContent => Method is not UpgradeMethod.Head;

    /// <summary>
    /// The whole request. <c>Connection: Upgrade</c> stands alone: CUPS compares the whole value. The tokens are those of the
    /// versions that the client has enabled; which one it becomes is for the handshake to say.
    /// </summary>
    public byte[] ToBytes(Origin origin, SslProtocols versions) => Encoding.ASCII.GetBytes(
        $"{Name} HTTP/1.1\r\nHost: {origin.Authority}\r\nUpgrade: {UpgradeTokenText.FormatOffer(versions)}\r\nConnection: Upgrade\r\n\r\n");
}
