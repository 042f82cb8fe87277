using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace KestrelTlsUpgrade.Testing;

/// <summary>A directory with certificate files.</summary>
internal sealed class CertificateFiles : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory();

    public string GetPath(string name) => Path.Combine(_directory.FullName, name);

    public void Dispose() => _directory.Delete(recursive: true);

    public string Write(string name, string content)
    {
        File.WriteAllText(GetPath(name), content);
        return GetPath(name);
    }

    /// <summary>Certificate and key in PKCS #12. A file that there is, is replaced at once: a server that watches it reads no half of it.</summary>
    public string WritePfx(string name, X509Certificate2 certificate, string? password = null)
    {
        File.WriteAllBytes(GetPath(name + ".new"), certificate.Export(X509ContentType.Pkcs12, password));
        File.Move(GetPath(name + ".new"), GetPath(name), overwrite: true);
        return GetPath(name);
    }

    public string WritePem(string name, X509Certificate2 certificate) => Write(name, certificate.ExportCertificatePem());

    public string WriteKey(string name, X509Certificate2 certificate, string? password = null) => Write(name, ExportKey(certificate, password));

    public static string ExportKey(X509Certificate2 certificate, string? password = null)
    {
        using var key = certificate.GetECDsaPrivateKey()!;
        return password is null
            ? key.ExportPkcs8PrivateKeyPem()
            : key.ExportEncryptedPkcs8PrivateKeyPem(password, new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000));
    }
}
