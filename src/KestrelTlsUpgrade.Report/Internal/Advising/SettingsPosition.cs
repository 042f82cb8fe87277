using KestrelTlsUpgrade.Internal.Settings;

namespace KestrelTlsUpgrade.Report.Internal.Advising;

/// <summary>Where the settings stand on the way from clear text to TLS. With several endpoints, the one that is least far decides.</summary>
/// <param name="Offers">Which offers are accepted.</param>
/// <param name="IsReportOnly">Whether a requirement is only reported.</param>
/// <param name="Redirects">Whether browsers are redirected to https.</param>
/// <param name="FallsBack">Whether a caller that TLS fails for is served in clear text next time.</param>
internal sealed record SettingsPosition(TlsUpgradeOffers Offers, bool IsReportOnly, bool Redirects = false, bool FallsBack = false)
{
    /// <summary>The position, or <see langword="null"/> if no endpoint upgrades connections.</summary>
    public static SettingsPosition? Of(IEnumerable<SettingsSnapshot> settings)
    {
        var enabled = settings.Where(static snapshot => snapshot.Options.Enabled).ToArray();
        return enabled.Length == 0 ? null : new(
            enabled.Min(static snapshot => snapshot.Options.Offers),
            enabled.Any(static snapshot => snapshot.Options.Requirement is TlsUpgradeRequirement.ReportOnly),
            enabled.All(static snapshot => snapshot.Policy is { RedirectBrowsers: true, ServesDirectTls: true }),
            enabled.All(static snapshot => snapshot.Options.FallbackLifetime > TimeSpan.Zero));
    }
}
