using System.Security.Authentication;
using System.Text;
using KestrelTlsUpgrade.Internal.Negotiation;

namespace KestrelTlsUpgrade.Client.Internal.Negotiation;

/// <summary>
/// The request that asks for the upgrade (RFC 2817 section 3). It is sent in clear text, so it reveals nothing about the actual request.
/// Its answer can always have content, so the client reads every answer to its end. With <c>HEAD</c>, an attacker who swapped the request
/// could make the content of one answer pass for the next answer.
/// </summary>
internal sealed class UpgradeRequest
{
    private UpgradeRequest(string name) => Name = name;

    /// <summary>The request of RFC 2817 section 3.2.</summary>
    public static UpgradeRequest ServerWide { get; } = new("OPTIONS *");

    /// <summary>For servers whose answer to <c>OPTIONS *</c> leaves the connection unusable.</summary>
    public static UpgradeRequest Root { get; } = new("GET /");

    /// <summary>The method and target.</summary>
    public string Name { get; }

    /// <summary>
    /// The complete request. <c>Connection</c> contains only <c>Upgrade</c>, because CUPS compares the whole value. The tokens are those of
    /// the enabled versions; the handshake decides which one is used. The last list member announces the mark in the handshake, and so says
    /// as much of the client as <c>User-Agent</c>, by which servers report and select their callers.
    /// </summary>
    public byte[] ToBytes(Origin origin, SslProtocols versions) => Encoding.ASCII.GetBytes(
        $"{Name} HTTP/1.1\r\nHost: {origin.Authority}\r\nUser-Agent: KestrelTlsUpgrade.Client\r\n"
        + $"Upgrade: {UpgradeTokenText.FormatOffer(versions)}, {AwareClient.UpgradeMember}\r\nConnection: Upgrade\r\n\r\n");
}
