using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Configuration;

namespace KestrelTlsUpgrade.Internal.Configuration;

/// <summary>
/// Reads a section <c>TlsUpgrade</c>. Stricter than a binder: what it does not know, or cannot take, is an error, because a
/// setting that is silently not taken is one that its owner relies on.
/// </summary>
internal static class SettingsSection
{
    /// <summary>The name of the section, for the host at the root and for an endpoint in its own section.</summary>
    public const string Name = "TlsUpgrade";

    private delegate void Reader(TlsUpgradeOptions options, IConfigurationSection setting, List<string> errors);

    private static readonly Dictionary<string, Reader> Settings = new(StringComparer.OrdinalIgnoreCase)
    {
        [nameof(TlsUpgradeOptions.Enabled)] = Switch(static (options, value) => options.Enabled = value),
        [nameof(TlsUpgradeOptions.DirectTls)] = Choice<DirectTlsMode>(static (options, value) => options.DirectTls = value),
        [nameof(TlsUpgradeOptions.AcceptedClients)] = Choice<UpgradeClients>(static (options, value) => options.AcceptedClients = value),
        [nameof(TlsUpgradeOptions.StrictTokens)] = Switch(static (options, value) => options.StrictTokens = value),
        [nameof(TlsUpgradeOptions.AllowBehindProxy)] = Switch(static (options, value) => options.AllowBehindProxy = value),
        [nameof(TlsUpgradeOptions.TrustClientCertificateOnReplay)] =
            Switch(static (options, value) => options.TrustClientCertificateOnReplay = value),
        [nameof(TlsUpgradeOptions.Advertise)] = Choice<UpgradeAdvertisement>(static (options, value) => options.Advertise = value),
        [nameof(TlsUpgradeOptions.RedirectBrowsers)] = Switch(static (options, value) => options.RedirectBrowsers = value),
        [CertificateSection.Key] = static (_, setting, errors) => CertificateSection.Check(setting, errors),
        [SniSection.Key] = static (_, setting, errors) => SniSection.Read(setting, errors),
        [nameof(HttpsConnectionAdapterOptions.SslProtocols)] = static (options, setting, errors) =>
            options.Https.SslProtocols = SettingValue.ReadVersions(setting, errors) ?? options.Https.SslProtocols,
        [nameof(HttpsConnectionAdapterOptions.ClientCertificateMode)] =
            Choice<ClientCertificateMode>(static (options, value) => options.Https.ClientCertificateMode = value),
        [nameof(HttpsConnectionAdapterOptions.HandshakeTimeout)] = static (options, setting, errors) =>
            options.Https.HandshakeTimeout = SettingValue.ReadTime(setting, errors) ?? options.Https.HandshakeTimeout,
    };

    /// <summary>Those of the keys that are Kestrel's schema of https.</summary>
    public static IReadOnlyCollection<string> HttpsKeys { get; } =
    [
        CertificateSection.Key,
        SniSection.Key,
        nameof(HttpsConnectionAdapterOptions.SslProtocols),
        nameof(HttpsConnectionAdapterOptions.ClientCertificateMode),
        nameof(HttpsConnectionAdapterOptions.HandshakeTimeout),
    ];

    /// <summary>The keys that it knows.</summary>
    public static IReadOnlyCollection<string> Keys => Settings.Keys;

    /// <summary>
    /// Sets what the section says. Certificates are only looked at here: they are Kestrel's to load.
    /// </summary>
    public static void Read(IConfigurationSection section, TlsUpgradeOptions options, List<string> errors)
    {
        SettingValue.CheckSection(section, Keys, errors);
        foreach (var setting in section.GetChildren())
        {
            if (Settings.TryGetValue(setting.Key, out var read))
            {
                read(options, setting, errors);
            }
            else
            {
                errors.Add(SettingValue.NotKnown(setting, Keys));
            }
        }
    }

    private static Reader Switch(Action<TlsUpgradeOptions, bool> set) => (options, setting, errors) =>
    {
        if (SettingValue.ReadSwitch(setting, errors) is { } value)
        {
            set(options, value);
        }
    };

    private static Reader Choice<TEnum>(Action<TlsUpgradeOptions, TEnum> set)
        where TEnum : struct, Enum => (options, setting, errors) =>
        {
            if (SettingValue.ReadChoice<TEnum>(setting, errors) is { } value)
            {
                set(options, value);
            }
        };
}
