using System.Globalization;
using KestrelTlsUpgrade.Internal.Settings;

namespace KestrelTlsUpgrade.Report.Internal.Content;

/// <summary>The settings of an endpoint as text, by their names in the configuration. They contain no secret.</summary>
internal static class SettingsInForce
{
    public static IReadOnlyDictionary<string, string> Of(SettingsSnapshot settings)
    {
        var options = settings.Options;
        var words = new OrderedDictionary<string, string>
        {
            [nameof(options.Enabled)] = Format(options.Enabled),
            [nameof(options.DirectTls)] = options.DirectTls.ToString(),
            [nameof(options.Offers)] = options.Offers.ToString(),
            [nameof(options.OffersFrom)] = Format(options.OffersFrom),
            [nameof(options.FallbackLifetime)] = Format(options.FallbackLifetime),
            [nameof(options.ShareFallback)] = Format(options.ShareFallback),
            [nameof(options.LogClientAddresses)] = Format(options.LogClientAddresses),
            [nameof(options.Requirement)] = options.Requirement.ToString(),
            [nameof(options.AcceptedClients)] = options.AcceptedClients.ToString(),
            [nameof(options.Advertise)] = options.Advertise.ToString(),
            [nameof(options.RedirectBrowsers)] = Format(options.RedirectBrowsers),
            [nameof(options.StrictTokens)] = Format(options.StrictTokens),
            [nameof(options.AllowBehindProxy)] = Format(options.AllowBehindProxy),
            [nameof(options.TrustClientCertificateOnReplay)] = Format(options.TrustClientCertificateOnReplay),
            [nameof(options.AllowExpiredCertificate)] = Format(options.AllowExpiredCertificate),
            [nameof(options.PassOptionsAsterisk)] = Format(options.PassOptionsAsterisk),
        };
        if (options.AcceptOffer is not null)
        {
            words[nameof(options.AcceptOffer)] = "by a callback in code, for each offer";
        }

        if (options.HandshakeCallback is { } callback)
        {
            words["Https"] = "by a callback in code, for each connection";
            words[nameof(callback.HandshakeTimeout)] = Format(callback.HandshakeTimeout);
            return words;
        }

        var https = options.Https;
        words[nameof(https.SslProtocols)] = https.SslProtocols.ToString();
        words[nameof(https.ClientCertificateMode)] = https.ClientCertificateMode.ToString();
        words[nameof(https.CheckCertificateRevocation)] = Format(https.CheckCertificateRevocation);
        words[nameof(https.HandshakeTimeout)] = Format(https.HandshakeTimeout);
        if (https.ServerCertificateSelector is not null)
        {
            words["Certificate"] = "by a selector in code, for each connection";
        }

        foreach (var (name, terms) in settings.RequirementsByName.Entries)
        {
            words[$"Sni:{name}"] = $"{terms.SslProtocols}, {terms.ClientCertificateMode}";
        }

        return words;
    }

    private static string Format(TlsUpgradeCallers callers)
    {
        IEnumerable<(string Name, string[] Values)> lists =
        [
            (nameof(callers.Networks), [.. callers.Networks.Select(static network => network.ToString())]),
            (nameof(callers.ExceptNetworks), [.. callers.ExceptNetworks.Select(static network => network.ToString())]),
            (nameof(callers.Products), [.. callers.Products]),
            (nameof(callers.ExceptProducts), [.. callers.ExceptProducts]),
        ];
        var words = string.Join("; ", lists.Where(static list => list.Values.Length > 0)
            .Select(static list => $"{list.Name} {string.Join(", ", list.Values)}"));
        return words.Length > 0 ? words : "everyone";
    }

    private static string Format(bool value) => value ? "true" : "false";

    private static string Format(TimeSpan value) => value.ToString("c", CultureInfo.InvariantCulture);
}
