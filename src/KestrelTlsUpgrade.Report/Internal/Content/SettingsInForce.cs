using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KestrelTlsUpgrade.Internal.Settings;

namespace KestrelTlsUpgrade.Report.Internal.Content;

/// <summary>The settings of an endpoint as text, by their names in the configuration. They contain no secret.</summary>
internal static class SettingsInForce
{
    private static readonly string[] RuleNames =
    [
        nameof(TlsUpgradeOptions.Enabled),
        nameof(TlsUpgradeOptions.DirectTls),
        nameof(TlsUpgradeOptions.Offers),
        nameof(TlsUpgradeOptions.OffersFrom),
        nameof(TlsUpgradeOptions.Requirement),
        nameof(TlsUpgradeOptions.AcceptedClients),
        nameof(TlsUpgradeOptions.RedirectBrowsers),
        nameof(TlsUpgradeOptions.StrictTokens),
        nameof(TlsUpgradeOptions.AllowBehindProxy),
    ];

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

    /// <summary>The settings of all endpoints that decide what happens to a request in clear text.</summary>
    public static string FormatRules(IEnumerable<SettingsSnapshot> settings) => FormatAll(settings.Select(static snapshot => Of(snapshot)).Select(
        static words => string.Join(" ", RuleNames.Select(name => $"{name}={words.GetValueOrDefault(name)}"))));

    /// <summary>The certificates of all endpoints, as far as they are known beforehand.</summary>
    public static string FormatCertificates(IEnumerable<SettingsSnapshot> settings) => FormatAll(
        settings.SelectMany(static snapshot => snapshot.Certificates).Select(static loaded => FormatPrint(loaded.Certificate)));

    private static string FormatAll(IEnumerable<string> words) => string.Join("; ", words.Distinct().Order(StringComparer.Ordinal));

    private static string FormatPrint(X509Certificate2 certificate)
    {
        try
        {
            return certificate.GetCertHashString(HashAlgorithmName.SHA256);
        }
        catch (CryptographicException)
        {
            // The application has disposed it.
            return "";
        }
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
