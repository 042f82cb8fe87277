using KestrelTlsUpgrade.Internal.Telemetry;

namespace KestrelTlsUpgrade.Report.Internal.Content;

/// <summary>Everything that the report says of a reason to decline an offer.</summary>
/// <param name="Reason">The reason.</param>
/// <param name="Tag">Its name in the JSON.</param>
/// <param name="Meaning">What it means, and the setting behind it.</param>
internal sealed record DeclineDescription(DeclineReason Reason, string Tag, string Meaning)
{
    /// <summary>Every reason. A test holds it to the enumeration.</summary>
    public static IReadOnlyList<DeclineDescription> All { get; } =
    [
        new(DeclineReason.NoneAccepted, "none_accepted", "Offers is None, so offers are only counted."),
        new(DeclineReason.NotRequired, "not_required", "Offers is WhereRequired, and the resource does not require TLS."),
        new(DeclineReason.CallerExcluded, "caller_excluded", "OffersFrom does not admit the caller."),
        new(DeclineReason.ByCode, "by_code", "AcceptOffer said no."),
        new(DeclineReason.FellBack, "fell_back", "TLS has failed for the caller, which FallbackLifetime remembers."),
        new(DeclineReason.FirstUnderWay, "first_under_way", "The first upgrade of the caller was still under way."),
        new(DeclineReason.NotKnown, "not_known", "Other instances had not told in time whether TLS works for the caller."),
        new(DeclineReason.Unmarked, "unmarked", "AcceptedClients is AwareOnly, and the client does not mark its handshake."),
        new(DeclineReason.NoVersion, "no_version", "StrictTokens is true, and no offered version is enabled: set SslProtocols, or update the client."),
        new(DeclineReason.BehindProxy, "behind_proxy", "The request came through an intermediary. AllowBehindProxy admits those that relay the upgrade."),
        new(DeclineReason.NotUpgradable, "not_upgradable", "Such a request is never upgraded: it has content, an unsafe method or an https target."),
        new(DeclineReason.LimitReached, "limit_reached", "A limit of Kestrel was reached, such as MaxConcurrentUpgradedConnections."),
    ];

    /// <summary>The meaning of a tag.</summary>
    public static string Explain(string tag) => All.FirstOrDefault(row => row.Tag == tag)?.Meaning ?? "";
}
