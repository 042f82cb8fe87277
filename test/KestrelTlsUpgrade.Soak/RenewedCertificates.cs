using System.Security.Cryptography.X509Certificates;
using KestrelTlsUpgrade.Soak.Report;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.Soak;

/// <summary>
/// The server's certificate on disk, renewed as it runs, and what clients may see of it: the newest, or for a while the one before.
/// </summary>
internal sealed class RenewedCertificates : IDisposable
{
    private readonly CertificateFiles _files = new();
    private readonly Dictionary<string, DateTimeOffset> _replacedAt = [];
    private readonly HashSet<string> _seen = [];
    private readonly Ledger _ledger;
    private string _newest = "";
    private TimeSpan _latest;

    public RenewedCertificates(Ledger ledger)
    {
        _ledger = ledger;
        Renew();
    }

    public string Path => _files.GetPath("server.pem");

    public int Renewals { get; private set; } = -1;

    public int Seen
    {
        get
        {
            lock (_seen)
            {
                return _seen.Count;
            }
        }
    }

    /// <summary>How long after a renewal a handshake still had a certificate from before.</summary>
    public TimeSpan Latest
    {
        get
        {
            lock (_seen)
            {
                return _latest;
            }
        }
    }

    /// <summary>As tools for it do: to a file beside, which is then renamed.</summary>
    public void Renew()
    {
        using var certificate = TestCertificates.Create("localhost", "1.3.6.1.5.5.7.3.1", "localhost");
        var file = _files.Write("new.pem", certificate.ExportCertificatePem() + "\n" + CertificateFiles.ExportKey(certificate));
        lock (_seen)
        {
            File.Move(file, Path, overwrite: true);
            if (_newest.Length > 0)
            {
                _replacedAt[_newest] = DateTimeOffset.UtcNow;
            }

            _newest = certificate.Thumbprint;
            Renewals++;
        }
    }

    /// <summary>Whether a server may show this certificate now.</summary>
    public bool IsExpected(X509Certificate? certificate)
    {
        lock (_seen)
        {
            var thumbprint = certificate?.GetCertHashString() ?? "none";
            _seen.Add(thumbprint);
            if (thumbprint == _newest)
            {
                return true;
            }

            if (!_replacedAt.TryGetValue(thumbprint, out var replacedAt))
            {
                _ledger.AddProblem($"a certificate that was never the server's: {thumbprint}");
                return false;
            }

            var age = DateTimeOffset.UtcNow - replacedAt;
            _latest = age > _latest ? age : _latest;
            return age < SoakSettings.RenewalPatience;
        }
    }

    public async Task RenewUntilAsync(TimeSpan interval, CancellationToken timeUp)
    {
        using var timer = new PeriodicTimer(interval);
        while (!timeUp.IsCancellationRequested)
        {
            try
            {
                await timer.WaitForNextTickAsync(timeUp);
                Renew();
            }
            catch (OperationCanceledException) when (timeUp.IsCancellationRequested)
            {
            }
        }
    }

    public void Dispose() => _files.Dispose();
}
