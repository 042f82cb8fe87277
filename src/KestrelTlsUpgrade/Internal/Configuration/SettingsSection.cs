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
        };

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
                errors.Add($"{setting.Path} is not a setting. {Suggest(setting.Key)}");
            }
        }

        if (errors.Count > 0)
        {
            throw new OptionsValidationException(section.Path, typeof(TlsUpgradeOptions), errors);
        }
    }

    private static string Suggest(string key) =>
        NearestName.Find(key, Keys) is { } nearest ? $"Did you mean {nearest}?" : $"Use {string.Join(", ", Keys)}.";

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
}
