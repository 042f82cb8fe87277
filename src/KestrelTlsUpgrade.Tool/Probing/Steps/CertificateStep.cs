using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KestrelTlsUpgrade.Tool.Probing.Results;

namespace KestrelTlsUpgrade.Tool.Probing.Steps;

/// <summary>Examines the server's certificate after an upgrade.</summary>
internal sealed class CertificateStep(ProbeSession session, UpgradeOffer upgrade)
{
    public Task<CertificateResult> RunAsync(CancellationToken cancellationToken) => session.AttemptAsync(
        async (connection, token) =>
        {
            await upgrade.MakeAsync(connection, token);
            var tls = await connection.StartTlsAsync(upgrade.AwareProtocols(session.Target), TlsVersions.Current, token);
            return tls.Certificate is null
                ? new CertificateResult(Error: "the server has none")
                : Describe(tls.Certificate, tls, session.Target.Host, session.Settings.TimeProvider.GetUtcNow());
        },
        static error => new CertificateResult(Error: error),
        cancellationToken);

    private static CertificateResult Describe(X509Certificate2 certificate, TlsObservation tls, string host, DateTimeOffset now)
    {
        using (certificate)
        {
            var notBefore = new DateTimeOffset(certificate.NotBefore.ToUniversalTime());
            var notAfter = new DateTimeOffset(certificate.NotAfter.ToUniversalTime());
            return new CertificateResult(
                certificate.Subject,
                certificate.Issuer,
                NamesOf(certificate),
                notBefore,
                notAfter,
                (int)Math.Floor((notAfter - now).TotalDays),
                notBefore <= now && now <= notAfter,
                Matches(certificate, host),
                tls.IsTrusted,
                tls.ChainProblems,
                certificate.GetCertHashString(HashAlgorithmName.SHA256));
        }
    }

    private static string[] NamesOf(X509Certificate2 certificate)
    {
        var names = new List<string>();
        foreach (var extension in certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>())
        {
            names.AddRange(extension.EnumerateDnsNames());
            names.AddRange(extension.EnumerateIPAddresses().Select(static address => address.ToString()));
        }

        return [.. names];
    }

    private static bool Matches(X509Certificate2 certificate, string host)
    {
        try
        {
            return certificate.MatchesHostname(host, allowWildcards: true, allowCommonName: false);
        }
        catch (ArgumentException)
        {
            // No certificate can contain such a name.
            return false;
        }
    }
}
