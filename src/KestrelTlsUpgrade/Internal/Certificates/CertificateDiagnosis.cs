using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Configuration;

namespace KestrelTlsUpgrade.Internal.Certificates;

/// <summary>
/// Explains to the operator why Kestrel could not load a configured certificate. Kestrel's exceptions do not name the setting, and rarely
/// the file.
/// </summary>
internal static class CertificateDiagnosis
{
    /// <returns>What is wrong, to append to the path of the section.</returns>
    public static string Explain(IConfigurationSection section, Func<string, string> getFullPath, Exception failure)
    {
        if (section[CertificateSection.Path] is not { Length: > 0 } path)
        {
            return $" cannot be loaded from the store: {failure.Message} Check Subject, Store, Location and AllowInvalid.";
        }

        var file = getFullPath(path);
        if (FindUnreadable($":{CertificateSection.Path}", file) is { } unreadable)
        {
            return unreadable;
        }

        var keyFile = section[CertificateSection.KeyPath] is { Length: > 0 } keyPath ? getFullPath(keyPath) : null;
        if (keyFile is not null && FindUnreadable($":{CertificateSection.KeyPath}", keyFile) is { } unreadableKey)
        {
            return unreadableKey;
        }

        var hasPassword = section[CertificateSection.Password] is not null;
        return GetContentType(file) switch
        {
            X509ContentType.Cert when keyFile is null && failure is NotSupportedException =>
                $":{CertificateSection.Path}: {file} holds no private key. Set {CertificateSection.KeyPath}, or name a file that holds both.",
            X509ContentType.Cert when keyFile is not null => ExplainKey(file, keyFile, hasPassword, failure),
            X509ContentType.Pkcs12 when failure is CryptographicException =>
                $":{CertificateSection.Password} {(hasPassword ? "does not open" : "is missing for")} {file}.",
            X509ContentType.Unknown =>
                $":{CertificateSection.Path}: {file} is not a certificate in PEM, DER or PKCS #12.",
            _ => $" ({file}): {failure.Message} Give the endpoint another certificate.",
        };
    }

    /// <summary>The key cannot be decrypted, is not a key, belongs to another certificate, or is not the reason.</summary>
    private static string ExplainKey(string file, string keyFile, bool hasPassword, Exception failure) =>
        failure switch
        {
            // The only failure for which Kestrel sets an inner exception.
            InvalidOperationException { InnerException: not null } =>
                $":{CertificateSection.KeyPath}: {keyFile} is not the private key of {file}.",
            CryptographicException or ArgumentException when File.ReadAllText(keyFile).Contains("Proc-Type: 4,ENCRYPTED", StringComparison.Ordinal) =>
                $":{CertificateSection.KeyPath}: {keyFile} is encrypted in OpenSSL's old format, which .NET does not read, whatever the password is. "
                    + $"Convert it: openssl pkcs8 -topk8 -in {Path.GetFileName(keyFile)} -out new.key",
            CryptographicException or ArgumentException when File.ReadAllText(keyFile).Contains("ENCRYPTED", StringComparison.Ordinal) =>
                $":{CertificateSection.Password} {(hasPassword ? "does not open" : "is missing for")} {keyFile}.",
            CryptographicException or ArgumentException =>
                $":{CertificateSection.KeyPath}: {keyFile} holds no private key in PEM"
                    + (hasPassword ? $" that is encrypted with {CertificateSection.Password}." : "."),
            _ => $" ({file}): {failure.Message} Give the endpoint another certificate.",
        };

    private static string? FindUnreadable(string setting, string file)
    {
        try
        {
            using (File.Open(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete))
            {
                return null;
            }
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return $"{setting}: there is no file {file}.";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return $"{setting}: {file} cannot be read ({exception.Message}). Let the application's account read it.";
        }
    }

    private static X509ContentType GetContentType(string file)
    {
        try
        {
            return X509Certificate2.GetCertContentType(file);
        }
        catch (CryptographicException)
        {
            return X509ContentType.Unknown;
        }
    }
}
