using KestrelTlsUpgrade.Connections.Sections;
using Microsoft.Extensions.Configuration;

namespace KestrelTlsUpgrade.Internal.Certificates;

/// <summary>A certificate in the configuration, in Kestrel's schema. Kestrel's loader loads it.</summary>
internal static class CertificateSection
{
    public const string Key = "Certificate";

    /// <summary>The key of the server's certificates in Kestrel's section.</summary>
    public const string ServerKey = "Certificates";

    /// <summary>The key of the default certificate among the server's.</summary>
    public const string DefaultKey = "Default";

    public const string Path = "Path";
    public const string KeyPath = "KeyPath";
    public const string Password = "Password";
    public const string Subject = "Subject";

    private const string AllowInvalid = "AllowInvalid";

    /// <summary>The known keys.</summary>
    private static readonly string[] Keys = [Path, KeyPath, Password, Subject, "Store", "Location", AllowInvalid];

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
            errors.Add($"{section.Path} must have either Path, for a file, or Subject, for a certificate in a store.");
        }
    }

    /// <summary>The files to load the certificate from, as configured.</summary>
    public static IEnumerable<string> GetFiles(IConfigurationSection section) =>
        new[] { section[Path], section[KeyPath] }.Where(static file => !string.IsNullOrEmpty(file))!;
}
