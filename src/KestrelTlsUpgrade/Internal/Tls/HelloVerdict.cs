using System.Net;
using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Internal.Telemetry;
using KestrelTlsUpgrade.Internal.Tls.Hellos;

namespace KestrelTlsUpgrade.Internal.Tls;

/// <summary>The decision on a ClientHello, made on its octets before TLS sees them.</summary>
/// <param name="Refusal">Why the client is refused, if it is.</param>
/// <param name="IsConfirmed">Whether the client has confirmed that it wrote the plaintext request.</param>
/// <param name="NeedsSingleHost">
/// Whether the client sent no server name although the request names a host. It then needs a certificate for that host alone.
/// </param>
internal readonly record struct HelloVerdict(FailureCause Refusal, bool IsConfirmed = false, bool NeedsSingleHost = false)
{
    /// <summary>Decides on a client that began with TLS or, given an upgrade, on one that follows a 101.</summary>
    public static HelloVerdict Of(ClientHello hello, UpgradeRequest? upgrade, ClientRules rules)
    {
        if (upgrade is null)
        {
            return new(JudgeDirect(hello, rules));
        }

        if (hello.OffersLaterHttp)
        {
            return new(FailureCause.Http2Offered);
        }

        var isConfirmed = IsMarkOf(hello, upgrade);
        var refusal = hello.HasMark
            ? JudgeMark(hello, upgrade, isConfirmed)
            : JudgeUnmarked(hello, rules);
        if (refusal is not FailureCause.None)
        {
            return new(refusal);
        }

        if (hello.ServerName is null)
        {
            return new(FailureCause.None, isConfirmed, NeedsSingleHost: !isConfirmed && IsName(upgrade.Host));
        }

        return ServerName.Agrees(hello.ServerName, upgrade.Host)
            ? new(FailureCause.None, isConfirmed)
            : new(FailureCause.ServerNameMismatch);
    }

    /// <summary>
    /// The mark asserts that the connection was upgraded. A client that offers it without an upgrade would make it worthless, so it is
    /// refused. A client that is not served anyway gets the response that explains why.
    /// </summary>
    private static FailureCause JudgeDirect(ClientHello hello, ClientRules rules) =>
        hello.HasMark && (hello.OffersHttp2 || rules.DirectTls is DirectTlsMode.Any) ? FailureCause.MarkWithoutUpgrade : FailureCause.None;

    private static bool IsMarkOf(ClientHello hello, UpgradeRequest upgrade) =>
        hello is { BoundMark: not null, HasSeveralBoundMarks: false } && upgrade.IsHinted && hello.BoundMark == upgrade.Mark;

    /// <summary>A plain mark does not prove that the request is unchanged, so it only suffices for a request that can do no harm.</summary>
    private static FailureCause JudgeMark(ClientHello hello, UpgradeRequest upgrade, bool isConfirmed) =>
        isConfirmed || (hello.BoundMark is null && upgrade.IsOptionsAsterisk) ? FailureCause.None : FailureCause.MarkMismatch;

    /// <summary>Browsers send GREASE and Encrypted Client Hello, and do not upgrade connections.</summary>
    private static FailureCause JudgeUnmarked(ClientHello hello, ClientRules rules) =>
        rules.AcceptedClients is TlsUpgradeClientMode.AwareOnly ? FailureCause.UnmarkedClient
        : hello.HasGrease || hello.HasEncryptedHello ? FailureCause.BrowserHello
        : FailureCause.None;

    /// <summary>Clients send no server name for an IP address (RFC 6066 section 3), and some send none for a name without a dot.</summary>
    private static bool IsName(string host) => host.Contains('.', StringComparison.Ordinal) && !IPAddress.TryParse(host.Trim('[', ']'), out _);
}
