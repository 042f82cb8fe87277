using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Configuration;

namespace KestrelTlsUpgrade.Internal.Configuration;

/// <summary>Certificates and TLS settings by server name, in Kestrel's schema.</summary>
internal static class SniSection
{
    public const string Key = "Sni";

    /// <summary>The keys of each name.</summary>
    public static IReadOnlyCollection<string> Keys { get; } =
        [CertificateSection.Key, nameof(SniEntry.Protocols), nameof(SniEntry.SslProtocols), nameof(SniEntry.ClientCertificateMode)];

    public static IReadOnlyList<SniEntry> Read(IConfigurationSection section, List<string> errors) =>
        [.. section.GetChildren().Select(entry => ReadEntry(entry, errors))];

    private static SniEntry ReadEntry(IConfigurationSection entry, List<string> errors)
    {
        if (entry.Key.Length == 0)
        {
            errors.Add($"{entry.Path} has no server name. Use a name, *. and a suffix, or * for all others.");
        }

        foreach (var setting in entry.GetChildren())
        {
            if (!Keys.Contains(setting.Key, StringComparer.OrdinalIgnoreCase))
            {
                errors.Add(SettingValue.NotKnown(setting, Keys));
            }
        }

        var certificate = Find(entry, CertificateSection.Key);
        if (certificate is not null)
        {
            CertificateSection.Check(certificate, errors);
        }

        return new SniEntry(
            entry.Key,
            certificate,
            Find(entry, nameof(SniEntry.Protocols)) is { } protocols ? SettingValue.ReadChoice<HttpProtocols>(protocols, errors) : null,
            Find(entry, nameof(SniEntry.SslProtocols)) is { } versions ? SettingValue.ReadVersions(versions, errors) : null,
            Find(entry, nameof(SniEntry.ClientCertificateMode)) is { } mode
                ? SettingValue.ReadChoice<ClientCertificateMode>(mode, errors)
                : null);
    }

    private static IConfigurationSection? Find(IConfigurationSection entry, string key) =>
        entry.GetSection(key) is var section && section.Exists() ? section : null;
}
