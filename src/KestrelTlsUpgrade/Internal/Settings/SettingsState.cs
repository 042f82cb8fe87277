using System.Security.Cryptography;
using System.Text;
using KestrelTlsUpgrade.Internal.Certificates;
using Microsoft.Extensions.Configuration;

namespace KestrelTlsUpgrade.Internal.Settings;

/// <summary>
/// A fingerprint of everything that an endpoint's settings are read from. Includes the content of certificate files, because file times do
/// not reveal every renewal, and a link can change its target. Does not disclose the settings.
/// </summary>
/// <param name="Fingerprint">A hash in hexadecimal.</param>
internal readonly record struct SettingsState(string Fingerprint)
{
    public static SettingsState Of(SettingsSources sources, CertificateFiles files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        IEnumerable<IConfigurationSection?> sections =
            [.. sources.Sections, sources.Kestrel?.GetSection(SettingsLocation.DefaultsKey), sources.Kestrel?.GetSection(CertificateSection.ServerKey)];
        foreach (var (key, value) in sections.SelectMany(static section => section?.AsEnumerable() ?? []))
        {
            Append(hash, Encoding.UTF8.GetBytes(key));
            Append(hash, value is null ? default : Encoding.UTF8.GetBytes(value));
        }

        string[] paths = [.. sources.Files];
        files.ReadAll(paths);
        foreach (var file in paths)
        {
            Append(hash, files.GetContentHash(file));
        }

        return new(Convert.ToHexString(hash.GetHashAndReset()));
    }

    /// <summary>Prefixes the length, so that different lists never give the same bytes.</summary>
    private static void Append(IncrementalHash hash, ReadOnlySpan<byte> bytes)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        BitConverter.TryWriteBytes(length, bytes.Length);
        hash.AppendData(length);
        hash.AppendData(bytes);
    }
}
