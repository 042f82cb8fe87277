using System.Diagnostics;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.Internal.Certificates;

/// <summary>
/// A certificate and what is sent with it, built once and shared by all endpoints that present it. If the certificate of an issuer has to
/// be downloaded (RFC 5280 section 4.2.2.1), handshakes do not wait for that: they do without until it is there.
/// </summary>
internal sealed partial class CertificateChain
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    /// <summary>How long the start, or a renewal, waits for a download.</summary>
    private static readonly TimeSpan DownloadLimit = TimeSpan.FromSeconds(3);

    private readonly TaskCompletionSource _complete = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly long _started = Stopwatch.GetTimestamp();
    private volatile SslStreamCertificateContext _context;

    private CertificateChain(X509Certificate2 certificate, X509Certificate2Collection? additional, string? download, ILogger logger)
    {
        Certificate = certificate;
        Additional = additional;
        _context = SslStreamCertificateContext.Create(certificate, additional, offline: download is not null);
        if (download is null)
        {
            _complete.SetResult();
            return;
        }

        DetachedWork.Start(() =>
        {
            try
            {
                _context = SslStreamCertificateContext.Create(certificate, additional);
                if (FindDownload(certificate, Add(additional, _context.IntermediateCertificates)) is not null)
                {
                    Log.IssuerMissing(logger, certificate.Subject, download);
                }
            }
            catch (Exception exception)
            {
                Log.IssuerNotBuilt(logger, certificate.Subject, exception);
            }
            finally
            {
                _complete.SetResult();
            }
        });
    }

    public X509Certificate2 Certificate { get; }

    /// <summary>The certificates that were configured with it.</summary>
    public X509Certificate2Collection? Additional { get; }

    /// <summary>What a handshake presents now.</summary>
    public SslStreamCertificateContext Context => _context;

    /// <summary>Builds the chain.</summary>
    /// <returns><see langword="null"/> for a certificate that cannot be presented as it is: Kestrel looks for its key, or explains.</returns>
    public static CertificateChain? Build(X509Certificate2 certificate, X509Certificate2Collection? additional, ILogger logger) =>
        IsPresentable(certificate)
            ? new(certificate, additional, FindDownload(certificate, additional), logger)
            : null;

    /// <summary>Whether the certificate has its private key with it, and is for servers.</summary>
    public static bool IsPresentable(X509Certificate2 certificate) => certificate.HasPrivateKey && IsForServers(certificate);

    /// <summary>Waits for a download, unless the wait is over.</summary>
    /// <exception cref="OperationCanceledException">The waiting was stopped.</exception>
    public void Wait(CancellationToken cancellationToken)
    {
        var rest = DownloadLimit - Stopwatch.GetElapsedTime(_started);
        if (rest > TimeSpan.Zero)
        {
            _complete.Task.Wait((int)rest.TotalMilliseconds, cancellationToken);
        }
    }

    /// <summary>A certificate without usages is for all of them (RFC 5280 section 4.2.1.12).</summary>
    private static bool IsForServers(X509Certificate2 certificate)
    {
        var usages = certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().ToArray();
        return usages.Length == 0 || usages.Any(static usage => usage.EnhancedKeyUsages[ServerAuthentication] is not null);
    }

    /// <summary>The address of an issuer's certificate that is neither sent nor on this machine; <see langword="null"/> if none is missing.</summary>
    private static string? FindDownload(X509Certificate2 certificate, X509Certificate2Collection? additional)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.VerificationFlags = X509VerificationFlags.AllFlags;
        if (additional is not null)
        {
            chain.ChainPolicy.ExtraStore.AddRange(additional);
        }

        chain.Build(certificate);
        var last = chain.ChainElements.Count > 0 ? chain.ChainElements[^1].Certificate : certificate;
        var download = chain.ChainStatus.Any(static status => status.Status.HasFlag(X509ChainStatusFlags.PartialChain))
            ? last.Extensions.OfType<X509AuthorityInformationAccessExtension>().SelectMany(static access => access.EnumerateCAIssuersUris()).FirstOrDefault()
            : null;
        foreach (var element in chain.ChainElements)
        {
            element.Certificate.Dispose();
        }

        return download;
    }

    private static X509Certificate2Collection Add(X509Certificate2Collection? additional, IEnumerable<X509Certificate2> more) =>
        [.. additional ?? [], .. more];

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The certificate {Subject} is sent without that of its issuer, which is not in its file and could not be downloaded from {Address}. Clients that do not know the issuer refuse it. Add the issuer's certificate to the file.", EventName = "IssuerMissing")]
        public static partial void IssuerMissing(ILogger logger, string subject, string address);

        [LoggerMessage(2, LogLevel.Warning, "The chain of the certificate {Subject} could not be built. It is sent with the certificates of its file.", EventName = "ChainNotBuilt")]
        public static partial void IssuerNotBuilt(ILogger logger, string subject, Exception exception);
    }
}
