using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace KestrelTlsUpgrade.Tool.Requests;

/// <summary>Loads certificates from files.</summary>
internal static class CertificateFiles
{
    /// <summary>The trusted certificates of a PEM file.</summary>
    public static X509Certificate2Collection LoadRoots(string file)
    {
        var roots = new X509Certificate2Collection();
        Load(file, () => roots.ImportFromPemFile(file));
        return roots.Count > 0 ? roots : throw new ToolException(ExitCode.FileFailed, $"{file} has no certificate in PEM");
    }

    /// <summary>A client certificate with its key and intermediate certificates.</summary>
    public static SslStreamCertificateContext LoadClient(string file, string? keyFile, string? password)
    {
        SslStreamCertificateContext? context = null;
        Load(file, () =>
        {
            var (certificate, chain) = IsPem(file) ? LoadPem(file, keyFile, password) : LoadPkcs12(file, keyFile, password);
            context = SslStreamCertificateContext.Create(certificate, chain, offline: true);
        });
        return context!;
    }

    private static (X509Certificate2 Certificate, X509Certificate2Collection Chain) LoadPem(string file, string? keyFile, string? password)
    {
        using var ephemeral = password is null
            ? X509Certificate2.CreateFromPemFile(file, keyFile)
            : X509Certificate2.CreateFromEncryptedPemFile(file, password, keyFile);
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(file);

        // On Windows, TLS requires keys that are stored by the system.
        var certificate = X509CertificateLoader.LoadPkcs12(ephemeral.Export(X509ContentType.Pkcs12), password: null);
        return (certificate, chain);
    }

    private static (X509Certificate2 Certificate, X509Certificate2Collection Chain) LoadPkcs12(string file, string? keyFile, string? password)
    {
        if (keyFile is not null)
        {
            throw new ToolException(ExitCode.Usage, $"--key is for a certificate in PEM, and {file} is not one");
        }

        var all = X509CertificateLoader.LoadPkcs12CollectionFromFile(file, password);
        var certificate = all.FirstOrDefault(static one => one.HasPrivateKey)
            ?? throw new ToolException(ExitCode.FileFailed, $"{file} has no certificate with a key");
        return (certificate, all);
    }

    private static bool IsPem(string file) => File.ReadAllText(file).Contains("-----BEGIN ", StringComparison.Ordinal);

    private static void Load(string file, Action load)
    {
        try
        {
            load();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new ToolException(ExitCode.FileFailed, $"{file} cannot be loaded: {exception.Message}");
        }
    }
}
