using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.Benchmarks.Servers;

/// <summary>The certificates of a run in files: all servers have the same ones, so that no handshake is longer than another.</summary>
internal sealed class KeyFiles : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory();

    public string GetCertificate(KeyType key) => Get(key, ".crt");

    public string GetKey(KeyType key) => Get(key, ".key");

    public void Dispose() => _directory.Delete(recursive: true);

    private static X509Certificate2 Create(KeyType key) => key switch
    {
        KeyType.Ecdsa => TestCertificates.Server,
        KeyType.Rsa => TestCertificates.Rsa,
        KeyType.EcdsaP384 => TestCertificates.CreateEcdsa(ECCurve.NamedCurves.nistP384),
        KeyType.Rsa3072 => TestCertificates.CreateRsa(3072),
        KeyType.Rsa4096 => TestCertificates.CreateRsa(4096),
        _ => throw new ArgumentOutOfRangeException(nameof(key)),
    };

    /// <summary>Makes what is not there yet: a large key takes its time.</summary>
    private string Get(KeyType key, string extension)
    {
        var path = Path.Combine(_directory.FullName, $"{key}");
        if (!File.Exists($"{path}.crt"))
        {
            var certificate = Create(key);
            File.WriteAllText($"{path}.crt", certificate.ExportCertificatePem());
            File.WriteAllText(
                $"{path}.key",
                certificate.GetECDsaPrivateKey()?.ExportPkcs8PrivateKeyPem() ?? certificate.GetRSAPrivateKey()!.ExportPkcs8PrivateKeyPem());
        }

        return path + extension;
    }
}
