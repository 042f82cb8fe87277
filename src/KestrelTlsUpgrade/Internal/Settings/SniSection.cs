using System.Security.Authentication;
using KestrelTlsUpgrade.Connections.Sections;
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

/// <summary>The configuration of one server name. Missing settings are those for all names.</summary>
/// <param name="Name">A name, <c>*.</c> and a suffix, or <c>*</c>.</param>
/// <param name="Certificate">The section of the certificate.</param>
/// <param name="Protocols">The HTTP versions for TLS from the first byte. An upgraded connection uses HTTP/1.1.</param>
/// <param name="SslProtocols">The TLS versions.</param>
/// <param name="ClientCertificateMode">Whether a client certificate is requested.</param>
internal sealed record SniEntry(
    string Name,
    IConfigurationSection? Certificate,
    HttpProtocols? Protocols,
    SslProtocols? SslProtocols,
    ClientCertificateMode? ClientCertificateMode)
{
    /// <summary>Converts the entry to Kestrel's schema, without its certificate.</summary>
    public IEnumerable<KeyValuePair<string, string?>> ToKestrel()
    {
        // Kestrel ignores an entry without settings, so always write one.
        yield return new(nameof(Protocols), Protocols?.ToString() ?? "");
        if (SslProtocols is { } versions and not System.Security.Authentication.SslProtocols.None)
        {
            yield return new($"{nameof(SslProtocols)}:0", versions.ToString());
        }

        if (ClientCertificateMode is { } mode)
        {
            yield return new(nameof(ClientCertificateMode), mode.ToString());
        }
    }
}
