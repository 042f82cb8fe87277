using System.Security.Cryptography.X509Certificates;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.Benchmarks.Servers;

/// <summary>The certificates of a run in files: all servers have the same ones, so that no handshake is longer than another.</summary>
internal sealed class KeyFiles : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory();

    public KeyFiles()
    {
        Write(KeyType.Ecdsa, TestCertificates.Server);
        Write(KeyType.Rsa, TestCertificates.Rsa);
    }

    public string GetCertificate(KeyType key) => Path.Combine(_directory.FullName, $"{key}.crt");

    public string GetKey(KeyType key) => Path.Combine(_directory.FullName, $"{key}.key");

    public void Dispose() => _directory.Delete(recursive: true);

    private void Write(KeyType key, X509Certificate2 certificate)
    {
        File.WriteAllText(GetCertificate(key), certificate.ExportCertificatePem());
        File.WriteAllText(
            GetKey(key),
            certificate.GetECDsaPrivateKey()?.ExportPkcs8PrivateKeyPem() ?? certificate.GetRSAPrivateKey()!.ExportPkcs8PrivateKeyPem());
    }
}
