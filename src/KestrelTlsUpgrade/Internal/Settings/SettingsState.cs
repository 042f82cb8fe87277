using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Configuration;

namespace KestrelTlsUpgrade.Internal.Settings;

/// <summary>
/// A fingerprint of everything that the settings of an endpoint are read from, the content of the certificate files included:
/// times of files do not tell of every renewal, and a link may lead elsewhere. It does not give the settings away.
/// </summary>
/// <param name="Fingerprint">A hash in hexadecimal digits.</param>
internal readonly record struct SettingsState(string Fingerprint)
{
    /// <summary>Far more than certificates have. What is longer is not read through.</summary>
    private const int MaxFileLength = 1 << 20;

    public static SettingsState Of(SettingsSources sources, string contentRoot)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        IEnumerable<IConfigurationSection?> sections =
            [.. sources.Sections, sources.Kestrel?.GetSection("EndpointDefaults"), sources.Kestrel?.GetSection("Certificates")];
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

    /// <summary>With the length in front, so that no two different lists are the same bytes.</summary>
    private static void Append(IncrementalHash hash, ReadOnlySpan<byte> bytes)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        BitConverter.TryWriteBytes(length, bytes.Length);
        hash.AppendData(length);
        hash.AppendData(bytes);
    }

    /// <summary>
    /// A file that cannot be read is one like any other: it is Kestrel's loader that has something to say to it. Nobody who writes,
    /// renames or deletes it is held up, and nothing of a private key is left in memory.
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
