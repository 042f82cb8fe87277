using KestrelTlsUpgrade.Connections.Settings;
using Microsoft.Extensions.Configuration;

namespace KestrelTlsUpgrade.Internal.Certificates;

/// <summary>A certificate of the configuration, in Kestrel's schema, for Kestrel's own loader to load.</summary>
internal static class CertificateSection
{
    public const string Key = "Certificate";

    /// <summary>Where Kestrel's own section has the server's certificates.</summary>
    public const string ServerKey = "Certificates";

    public const string Path = "Path";
    public const string KeyPath = "KeyPath";
    public const string Password = "Password";
    public const string Subject = "Subject";

    private const string AllowInvalid = "AllowInvalid";

    /// <summary>The keys that it knows.</summary>
    public static IReadOnlyCollection<string> Keys { get; } = [Path, KeyPath, Password, Subject, "Store", "Location", AllowInvalid];

    public static void Check(IConfigurationSection section, List<string> errors)
    {
        foreach (var setting in section.GetChildren())
        {
            if (!Keys.Contains(setting.Key, StringComparer.OrdinalIgnoreCase))
            {
                errors.Add(SettingValue.NotKnown(setting, Keys));
            }
            else if (setting.Key.Equals(AllowInvalid, StringComparison.OrdinalIgnoreCase))
            {
                SettingValue.ReadSwitch(setting, errors);
            }
            else
            {
                SettingValue.CheckText(setting, errors);
            }
        }

        if (string.IsNullOrEmpty(section[Path]) == string.IsNullOrEmpty(section[Subject]))
        {
            errors.Add($"{section.Path} has to have either Path, for a file, or Subject, for a certificate of a store.");
        }
    }

    /// <summary>The files that it is loaded from, as the section names them.</summary>
    public static IEnumerable<string> GetFiles(IConfigurationSection section) =>
        new[] { section[Path], section[KeyPath] }.Where(static file => !string.IsNullOrEmpty(file))!;
}
