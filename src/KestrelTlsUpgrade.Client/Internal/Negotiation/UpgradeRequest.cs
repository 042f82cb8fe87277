using System.Security.Authentication;
using System.Text;
using KestrelTlsUpgrade.Internal.Negotiation;

namespace KestrelTlsUpgrade.Client.Internal.Negotiation;

/// <summary>
/// The request that asks for the upgrade (RFC 2817 section 3). It is sent in clear text, so it holds nothing of the request that it is
/// for. Its answer can always have content, so the client reads every answer to its end: had it sent <c>HEAD</c>, the content of the
/// answer to a request that was swapped for it would be taken for the next answer.
/// </summary>
internal sealed class UpgradeRequest
{
    private UpgradeRequest(string name) => Name = name;

    /// <summary>The request of RFC 2817 section 3.2.</summary>
    public static UpgradeRequest ServerWide { get; } = new("OPTIONS *");

    /// <summary>For servers whose answer to <c>OPTIONS *</c> leaves the connection unusable.</summary>
    public static UpgradeRequest Root { get; } = new("GET /");

    /// <summary>Its method and target.</summary>
    public string Name { get; }

    /// <summary>
    /// The whole request. <c>Connection</c> has <c>Upgrade</c> alone: CUPS compares the whole value. The tokens are those of the
    /// enabled versions; the handshake settles which one it becomes. The last member of the list announces the mark in the handshake.
    /// </summary>
    public byte[] ToBytes(Origin origin, SslProtocols versions) => Encoding.ASCII.GetBytes(
        $"{Name} HTTP/1.1\r\nHost: {origin.Authority}\r\n"
        + $"Upgrade: {UpgradeTokenText.FormatOffer(versions)}, {AwareClient.UpgradeMember}\r\nConnection: Upgrade\r\n\r\n");
}
