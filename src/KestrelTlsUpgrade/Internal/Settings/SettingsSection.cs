using System.Security.Authentication;
using KestrelTlsUpgrade.Connections.Sections;
using KestrelTlsUpgrade.Internal.Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Configuration;
using Reader = KestrelTlsUpgrade.Connections.Sections.SectionReader<KestrelTlsUpgrade.TlsUpgradeOptions>;

namespace KestrelTlsUpgrade.Internal.Settings;

/// <summary>A section <c>TlsUpgrade</c> of the configuration.</summary>
internal static class SettingsSection
{
    /// <summary>The name of the section, for the host at the root and for an endpoint in its own section.</summary>
    public const string Name = "TlsUpgrade";

    private static readonly Reader Settings = new(new()
    {
        [nameof(TlsUpgradeOptions.Enabled)] = Reader.Switch(static (options, value) => options.Enabled = value),
        [nameof(TlsUpgradeOptions.DirectTls)] = Reader.Choice<DirectTlsMode>(static (options, value) => options.DirectTls = value),
        [nameof(TlsUpgradeOptions.Offers)] = Reader.Choice<TlsUpgradeOffers>(static (options, value) => options.Offers = value),
        [nameof(TlsUpgradeOptions.OffersFrom)] = static (options, setting, errors) => CallersSection.Read(setting, options.OffersFrom, errors),
        [nameof(TlsUpgradeOptions.FallbackLifetime)] = Reader.TimeOrZero(static (options, value) => options.FallbackLifetime = value),
        [nameof(TlsUpgradeOptions.ShareFallback)] = Reader.Switch(static (options, value) => options.ShareFallback = value),
        [nameof(TlsUpgradeOptions.LogClientAddresses)] = Reader.Switch(static (options, value) => options.LogClientAddresses = value),
        [nameof(TlsUpgradeOptions.Requirement)] = Reader.Choice<TlsUpgradeRequirement>(static (options, value) => options.Requirement = value),
        [nameof(TlsUpgradeOptions.AcceptedClients)] = Reader.Choice<TlsUpgradeClientMode>(static (options, value) => options.AcceptedClients = value),
        [nameof(TlsUpgradeOptions.StrictTokens)] = Reader.Switch(static (options, value) => options.StrictTokens = value),
        [nameof(TlsUpgradeOptions.AllowBehindProxy)] = Reader.Switch(static (options, value) => options.AllowBehindProxy = value),
        [nameof(TlsUpgradeOptions.TrustClientCertificateOnReplay)] =
            Reader.Switch(static (options, value) => options.TrustClientCertificateOnReplay = value),
        [nameof(TlsUpgradeOptions.Advertise)] = Reader.Choice<TlsUpgradeAdvertisement>(static (options, value) => options.Advertise = value),
        [nameof(TlsUpgradeOptions.AllowExpiredCertificate)] =
            Reader.Switch(static (options, value) => options.AllowExpiredCertificate = value),
        [nameof(TlsUpgradeOptions.RedirectBrowsers)] = Reader.Switch(static (options, value) => options.RedirectBrowsers = value),
        [nameof(TlsUpgradeOptions.PassOptionsAsterisk)] = Reader.Switch(static (options, value) => options.PassOptionsAsterisk = value),
        [CertificateSection.Key] = static (_, setting, errors) => CertificateSection.Check(setting, errors),
        [SniSection.Key] = static (_, setting, errors) => SniSection.Read(setting, errors),
        [nameof(HttpsConnectionAdapterOptions.SslProtocols)] =
            Reader.Value<SslProtocols>(SettingValue.ReadVersions, static (options, value) => options.Https.SslProtocols = value),
        [nameof(HttpsConnectionAdapterOptions.ClientCertificateMode)] =
            Reader.Choice<ClientCertificateMode>(static (options, value) => options.Https.ClientCertificateMode = value),
        [nameof(HttpsConnectionAdapterOptions.HandshakeTimeout)] =
            Reader.Time(static (options, value) => options.Https.HandshakeTimeout = value),
    });

    /// <summary>Sections that are meant to be this one.</summary>
    public static StraySections Stray { get; } = new(Name, Settings.Keys, isReadOfEndpoints: true);

    /// <summary>The keys that use Kestrel's HTTPS schema.</summary>
    public static IReadOnlyCollection<string> HttpsKeys { get; } =
    [
        CertificateSection.Key,
        SniSection.Key,
        nameof(HttpsConnectionAdapterOptions.SslProtocols),
        nameof(HttpsConnectionAdapterOptions.ClientCertificateMode),
        nameof(HttpsConnectionAdapterOptions.HandshakeTimeout),
    ];

    /// <summary>Applies the section to the options. Certificate settings are only validated: Kestrel loads them.</summary>
    public static void Read(IConfigurationSection section, TlsUpgradeOptions options, List<string> errors) =>
        Settings.Read(section, options, errors);
}
