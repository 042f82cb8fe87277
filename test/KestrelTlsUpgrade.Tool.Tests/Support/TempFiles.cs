using System.Security.Cryptography.X509Certificates;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.Tool.Tests.Support;

/// <summary>Files of a test, in a directory of its own.</summary>
internal sealed class TempFiles : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory();

    /// <summary>The server's certificate in PEM, to be trusted.</summary>
    public string Root => Write("root.pem", TestCertificates.Server.ExportCertificatePem());

    public string this[string name] => Path.Combine(_directory.FullName, name);

    public string Write(string name, string text)
    {
        File.WriteAllText(this[name], text);
        return this[name];
    }

    public string Write(string name, byte[] bytes)
    {
        File.WriteAllBytes(this[name], bytes);
        return this[name];
    }

    public string WriteKey(string name, X509Certificate2 certificate) => Write(name, certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());

    public void Dispose() => _directory.Delete(recursive: true);
}
