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
    /// <summary>Far longer than certificates are. The content of longer files is not read.</summary>
    private const int MaxFileLength = 1 << 20;

    public static SettingsState Of(SettingsSources sources, string contentRoot)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        IEnumerable<IConfigurationSection?> sections =
            [.. sources.Sections, sources.Kestrel?.GetSection(SettingsLocation.DefaultsKey), sources.Kestrel?.GetSection(CertificateSection.ServerKey)];
        foreach (var (key, value) in sections.SelectMany(static section => section?.AsEnumerable() ?? []))
        {
            Append(hash, Encoding.UTF8.GetBytes(key));
            Append(hash, value is null ? default : Encoding.UTF8.GetBytes(value));
        }

        foreach (var file in sources.Files)
        {
            Append(hash, GetContentHash(Path.Combine(contentRoot, file)));
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

    /// <summary>
    /// An unreadable file hashes as empty; Kestrel's loader reports the error. The file can be written, renamed and deleted meanwhile, and
    /// no private key stays in memory.
    /// </summary>
    private static ReadOnlySpan<byte> GetContentHash(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            return file.Length > MaxFileLength
                ? BitConverter.GetBytes(file.Length ^ File.GetLastWriteTimeUtc(path).Ticks)
                : SHA256.HashData(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return default;
        }
    }
}
