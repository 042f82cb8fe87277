using System.Globalization;
using System.Security.Authentication;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace KestrelTlsUpgrade.Internal.Configuration;

/// <summary>
/// Reads settings from a section of the configuration. Stricter than a binder: what it does not know, or cannot take, is an
/// error, because a setting that is silently not taken is one that its owner relies on.
/// </summary>
internal static class SettingsSection
{
    private static readonly Dictionary<string, Action<TlsUpgradeOptions, IConfigurationSection, List<string>>> Settings =
        new(StringComparer.OrdinalIgnoreCase)
        {
            [nameof(TlsUpgradeOptions.DirectTls)] = Choice<DirectTlsMode>(static (options, value) => options.DirectTls = value),
            [nameof(TlsUpgradeOptions.AcceptedClients)] = Choice<UpgradeClients>(static (options, value) => options.AcceptedClients = value),
            [nameof(TlsUpgradeOptions.StrictTokens)] = Switch(static (options, value) => options.StrictTokens = value),
            [nameof(TlsUpgradeOptions.AllowBehindProxy)] = Switch(static (options, value) => options.AllowBehindProxy = value),
            [nameof(TlsUpgradeOptions.TrustClientCertificateOnReplay)] =
                Switch(static (options, value) => options.TrustClientCertificateOnReplay = value),
            [nameof(TlsUpgradeOptions.Advertise)] = Choice<UpgradeAdvertisement>(static (options, value) => options.Advertise = value),
            [nameof(TlsUpgradeOptions.RedirectBrowsers)] = Switch(static (options, value) => options.RedirectBrowsers = value),
            [CertificateSection.Key] = CertificateSection.Read,
            [nameof(HttpsConnectionAdapterOptions.SslProtocols)] = ReadVersions,
            [nameof(HttpsConnectionAdapterOptions.ClientCertificateMode)] =
                Choice<ClientCertificateMode>(static (options, value) => options.Https.ClientCertificateMode = value),
            [nameof(HttpsConnectionAdapterOptions.HandshakeTimeout)] = ReadHandshakeTimeout,
        };

#pragma warning disable CA5397, SYSLIB0039 // For owners who name them: some printers know nothing else.
    private static readonly Dictionary<string, SslProtocols> Versions = new(StringComparer.OrdinalIgnoreCase)
    {
        [nameof(SslProtocols.Tls12)] = SslProtocols.Tls12,
        [nameof(SslProtocols.Tls13)] = SslProtocols.Tls13,
        [nameof(SslProtocols.Tls11)] = SslProtocols.Tls11,
        [nameof(SslProtocols.Tls)] = SslProtocols.Tls,
        [nameof(SslProtocols.None)] = SslProtocols.None,
    };
#pragma warning restore CA5397, SYSLIB0039

    /// <summary>The keys that it knows.</summary>
    public static IReadOnlyCollection<string> Keys => Settings.Keys;

    /// <exception cref="OptionsValidationException">Something in the section cannot be taken. All of that is named.</exception>
    public static void Read(IConfigurationSection section, TlsUpgradeOptions options)
    {
        var errors = new List<string>();
        foreach (var setting in section.GetChildren())
        {
            if (Settings.TryGetValue(setting.Key, out var read))
            {
                read(options, setting, errors);
            }
            else
            {
                errors.Add(NotKnown(setting, Keys));
            }
        }

        if (errors.Count > 0)
        {
            throw new OptionsValidationException(section.Path, typeof(TlsUpgradeOptions), errors);
        }
    }

    /// <summary>Says that there is no such setting, and which one may have been meant.</summary>
    public static string NotKnown(IConfigurationSection setting, IReadOnlyCollection<string> known)
    {
        var nearest = NearestName.Find(setting.Key, known);
        return $"{setting.Path} is not a setting. " + (nearest is null ? $"Use {string.Join(", ", known)}." : $"Did you mean {nearest}?");
    }

    private static Action<TlsUpgradeOptions, IConfigurationSection, List<string>> Switch(Action<TlsUpgradeOptions, bool> set) =>
        (options, setting, errors) =>
        {
            if (bool.TryParse(setting.Value, out var value))
            {
                set(options, value);
            }
            else
            {
                errors.Add(NotTaken(setting, ["true", "false"]));
            }
        };

    private static Action<TlsUpgradeOptions, IConfigurationSection, List<string>> Choice<TEnum>(Action<TlsUpgradeOptions, TEnum> set)
        where TEnum : struct, Enum =>
        (options, setting, errors) =>
        {
            // By name only: a number would say nothing to whoever reads the configuration.
            if (Enum.GetNames<TEnum>().Contains(setting.Value, StringComparer.OrdinalIgnoreCase))
            {
                set(options, Enum.Parse<TEnum>(setting.Value!, ignoreCase: true));
            }
            else
            {
                errors.Add(NotTaken(setting, Enum.GetNames<TEnum>()));
            }
        };

    private static string NotTaken(IConfigurationSection setting, string[] values) =>
        $"{setting.Path} is {(setting.Value is null ? "not a single value" : $"'{setting.Value}'")}. Use {string.Join(", ", values)}.";

    /// <summary>One version, or a list of them, as in Kestrel's own sections.</summary>
    private static void ReadVersions(TlsUpgradeOptions options, IConfigurationSection setting, List<string> errors)
    {
        var versions = SslProtocols.None;
        foreach (var item in setting.Value is null ? setting.GetChildren() : [setting])
        {
            if (Versions.TryGetValue(item.Value ?? "", out var version))
            {
                versions |= version;
            }
            else
            {
                errors.Add(NotTaken(item, [.. Versions.Keys]));
            }
        }

        options.Https.SslProtocols = versions;
    }

    private static void ReadHandshakeTimeout(TlsUpgradeOptions options, IConfigurationSection setting, List<string> errors)
    {
        if (TimeSpan.TryParse(setting.Value, CultureInfo.InvariantCulture, out var timeout) && timeout > TimeSpan.Zero)
        {
            options.Https.HandshakeTimeout = timeout;
        }
        else
        {
            errors.Add(NotTaken(setting, ["a time such as 00:00:10"]));
        }
    }
}
