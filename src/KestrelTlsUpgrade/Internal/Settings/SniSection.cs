using KestrelTlsUpgrade.Connections.Settings;
using KestrelTlsUpgrade.Internal.Certificates;
using KestrelTlsUpgrade.Internal.Tls;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Configuration;

namespace KestrelTlsUpgrade.Internal.Settings;

/// <summary>Certificates and TLS settings by server name, in Kestrel's schema.</summary>
internal static class SniSection
{
    public const string Key = "Sni";

    /// <summary>The known keys of a name.</summary>
    private static readonly string[] Keys =
        [CertificateSection.Key, nameof(SniEntry.Protocols), nameof(SniEntry.SslProtocols), nameof(SniEntry.ClientCertificateMode)];

    public static IReadOnlyList<SniEntry> Read(IConfigurationSection section, List<string> errors) =>
        SettingValue.CheckSection(section, ["an entry for each server name"], errors)
            ? RejectDuplicates([.. section.GetChildren().Select(entry => ReadEntry(entry, errors))], section, errors)
            : [];

    /// <summary>The same name can be written in A-labels and in U-labels.</summary>
    private static SniEntry[] RejectDuplicates(SniEntry[] entries, IConfigurationSection section, List<string> errors)
    {
        errors.AddRange(entries.GroupBy(static entry => entry.Name, StringComparer.OrdinalIgnoreCase)
            .Where(static same => same.Count() > 1)
            .Select(same => $"{section.Path} has more than one entry for {same.Key}. Keep one."));
        return entries;
    }

    /// <summary>The name as SslStream reports it.</summary>
    private static string ReadName(string key) =>
        key.StartsWith("*.", StringComparison.Ordinal) ? "*." + ServerName.OfHost(key[2..]) : ServerName.OfHost(key);

    private static SniEntry ReadEntry(IConfigurationSection entry, List<string> errors)
    {
        if (entry.Key.Length == 0 || entry.Key.All(char.IsAsciiDigit))
        {
            errors.Add($"{entry.Path} has no server name. Use a name, *. and a suffix, or * for all others.");
        }

        var read = new SniEntry(ReadName(entry.Key), null, null, null, null);
        SettingValue.CheckSection(entry, Keys, errors);
        foreach (var setting in entry.GetChildren())
        {
            read = setting.Key.ToUpperInvariant() switch
            {
                "CERTIFICATE" => read with { Certificate = ReadCertificate(setting, errors) },
                "PROTOCOLS" => read with { Protocols = SettingValue.ReadChoice<HttpProtocols>(setting, errors) },
                "SSLPROTOCOLS" => read with { SslProtocols = SettingValue.ReadVersions(setting, errors) },
                "CLIENTCERTIFICATEMODE" => read with { ClientCertificateMode = SettingValue.ReadChoice<ClientCertificateMode>(setting, errors) },
                _ => ReadUnknown(read, setting, errors),
            };
        }

        return read;
    }

    private static IConfigurationSection ReadCertificate(IConfigurationSection section, List<string> errors)
    {
        CertificateSection.Check(section, errors);
        return section;
    }

    private static SniEntry ReadUnknown(SniEntry entry, IConfigurationSection setting, List<string> errors)
    {
        errors.Add(SettingValue.NotKnown(setting, Keys));
        return entry;
    }
}
