using System.Net;
using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Internal.Telemetry;

namespace KestrelTlsUpgrade.Internal.Tls.Hellos;

/// <summary>What a ClientHello as it came over the wire decides, before TLS sees an octet of it.</summary>
/// <param name="Refusal">Why the client is refused, if it is.</param>
/// <param name="IsConfirmed">Whether the client has confirmed that the request in clear text is its own.</param>
/// <param name="NeedsSingleHost">
/// Whether the client named no host although the request did: it is served only with a certificate of that host alone.
/// </param>
internal readonly record struct HelloVerdict(FailureCause Refusal, bool IsConfirmed = false, bool NeedsSingleHost = false)
{
    /// <summary>Judges a client that began with TLS, or, with an upgrade, one that follows a 101.</summary>
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
    /// The mark says that the connection was upgraded. A client that offers it everywhere would void it everywhere, so it gets nowhere.
    /// One that is not served anyway gets the answer that says why.
    /// </summary>
    private static FailureCause JudgeDirect(ClientHello hello, ClientRules rules) =>
        hello.HasMark && (hello.OffersHttp2 || rules.DirectTls is DirectTlsMode.Any) ? FailureCause.MarkWithoutUpgrade : FailureCause.None;

    private static bool IsMarkOf(ClientHello hello, UpgradeRequest upgrade) =>
        hello is { BoundMark: not null, HasSeveralBoundMarks: false } && upgrade.IsHinted && hello.BoundMark == upgrade.Mark;

    /// <summary>A mark that is bound to no request says nothing about a swapped one, so it is enough where none can be harmful.</summary>
    private static FailureCause JudgeMark(ClientHello hello, UpgradeRequest upgrade, bool isConfirmed) =>
        isConfirmed || (hello.BoundMark is null && upgrade.IsOptionsAsterisk) ? FailureCause.None : FailureCause.MarkMismatch;

    /// <summary>Browsers send GREASE and Encrypted Client Hello, and know nothing of upgrades.</summary>
    private static FailureCause JudgeUnmarked(ClientHello hello, ClientRules rules) =>
        rules.AcceptedClients is TlsUpgradeClientMode.AwareOnly ? FailureCause.UnmarkedClient
        : hello.HasGrease || hello.HasEncryptedHello ? FailureCause.BrowserHello
        : FailureCause.None;

    /// <summary>Clients send no server name for an address (RFC 6066 section 3), and some send none for a name without a dot.</summary>
    private static bool IsName(string host) => host.Contains('.', StringComparison.Ordinal) && !IPAddress.TryParse(host.Trim('[', ']'), out _);
}
