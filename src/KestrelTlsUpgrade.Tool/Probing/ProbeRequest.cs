using System.Text;
using KestrelTlsUpgrade.Internal.Negotiation;

namespace KestrelTlsUpgrade.Tool.Probing;

/// <summary>A request of the probe. Every request has a safe method and no content (RFC 9110 section 9.2.1).</summary>
/// <param name="Method"><c>GET</c>, <c>HEAD</c> or <c>OPTIONS</c>.</param>
/// <param name="Target">The path and query, or <c>*</c>.</param>
internal sealed record ProbeRequest(string Method, string Target)
{
    private static readonly string UserAgent = $"tls-upgrade/{ToolVersion.Number}";

    /// <summary>The request of RFC 2817 section 3.2.</summary>
    public static ProbeRequest ServerWide { get; } = new("OPTIONS", "*");

    public override string ToString() => $"{Method} {Target}";

    /// <summary>The request without an offer.</summary>
    public byte[] ToBytes(ProbeTarget target, bool closes = false) => Format(Host(target), closes ? "Connection: close\r\n" : "");

    /// <summary>The request with an offer. <c>Connection</c> contains only <c>Upgrade</c>, because CUPS compares the whole value.</summary>
    public byte[] ToBytes(ProbeTarget target, string offer) => Format(Host(target), $"Upgrade: {offer}\r\nConnection: Upgrade\r\n");

    /// <summary>The request without <c>Host</c>, which every server answers with 400 (RFC 9112 section 3.2).</summary>
    public byte[] ToBytesWithoutHost() => Format("", "");

    /// <summary>
    /// What a client that knows the upgrade offers in ALPN after this request: the mark bound to the request if the offer announces it, the
    /// plain mark, and HTTP/1.1.
    /// </summary>
    public IReadOnlyList<string> AwareProtocols(ProbeTarget target, string offer)
    {
        string[] plain = [AwareClient.AlpnProtocolId, "http/1.1"];
        return offer.Split(',', StringSplitOptions.TrimEntries).Contains(AwareClient.UpgradeMember)
            ? [RequestMark.Of(ToBytes(target, offer)), .. plain]
            : plain;
    }

    private static string Host(ProbeTarget target) => $"Host: {target.Authority}\r\n";

    private byte[] Format(string host, string fields) => Encoding.ASCII.GetBytes(
        $"{Method} {Target} HTTP/1.1\r\n{host}User-Agent: {UserAgent}\r\n{fields}\r\n");
}
