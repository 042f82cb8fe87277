using System.Security.Cryptography.X509Certificates;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.FunctionalTests.Configuration;

/// <summary>A certificate and its key in PEM, renewed again and again in one way.</summary>
internal sealed class RenewedFiles : IDisposable
{
    private readonly CertificateFiles _files = new();
    private readonly RenewalKind _kind;
    private int _version;

    public RenewedFiles(RenewalKind kind)
    {
        _kind = kind;
        Current = Create();
        if (kind is RenewalKind.SymbolicLink)
        {
            File.CreateSymbolicLink(_files.GetPath("current"), WriteVersion(Current));
        }
        else
        {
            _files.WritePem("tls.crt", Current);
            _files.WriteKey("tls.key", Current);
        }
    }

    /// <summary>The newest certificate.</summary>
    public X509Certificate2 Current { get; private set; }

    public string CertificatePath => _files.GetPath(_kind is RenewalKind.SymbolicLink ? "current/tls.crt" : "tls.crt");

    public string KeyPath => _files.GetPath(_kind is RenewalKind.SymbolicLink ? "current/tls.key" : "tls.key");

    /// <summary>Renews the certificate.</summary>
    /// <param name="meanwhile">What happens while only half of it is done, where there is such a moment.</param>
    public async Task RenewAsync(Func<Task> meanwhile)
    {
        var renewed = Create();
        switch (_kind)
        {
            case RenewalKind.AtomicRename:
                File.Move(_files.WriteKey("new.key", renewed), KeyPath, overwrite: true);
                File.Move(_files.WritePem("new.crt", renewed), CertificatePath, overwrite: true);
                break;

            case RenewalKind.SymbolicLink:
                File.CreateSymbolicLink(_files.GetPath("next"), WriteVersion(renewed));

                // .NET does not rename a link over another one.
                await Peers.RunAsync("", "mv", "-T", _files.GetPath("next"), _files.GetPath("current"));
                break;

            case RenewalKind.InPlace:
                var pem = renewed.ExportCertificatePem();
                _files.WriteKey("tls.key", renewed);
                await File.WriteAllTextAsync(CertificatePath, pem[..(pem.Length / 2)]);
                await meanwhile();
                await File.AppendAllTextAsync(CertificatePath, pem[(pem.Length / 2)..]);
                break;

            case RenewalKind.OneAfterTheOther:
                _files.WritePem("tls.crt", renewed);
                await meanwhile();
                _files.WriteKey("tls.key", renewed);
                break;
        }

        Current.Dispose();
        Current = renewed;
    }

    public void Dispose()
    {
        Current.Dispose();
        _files.Dispose();
    }

    private static X509Certificate2 Create() => TestCertificates.Create("localhost", "1.3.6.1.5.5.7.3.1", "localhost");

    private string WriteVersion(X509Certificate2 certificate)
    {
        var directory = $"version{++_version}";
        Directory.CreateDirectory(_files.GetPath(directory));
        _files.WritePem($"{directory}/tls.crt", certificate);
        _files.WriteKey($"{directory}/tls.key", certificate);
        return directory;
    }
}
