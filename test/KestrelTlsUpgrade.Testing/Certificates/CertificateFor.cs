using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace KestrelTlsUpgrade.Testing;

/// <summary>Self-signed server certificates with exactly the names or the period that a test is about.</summary>
internal static class CertificateFor
{
    public static X509Certificate2 Names(params string[] dnsNames) => Create("nobody", names =>
    {
        foreach (var name in dnsNames)
        {
            names.AddDnsName(name);
        }
    });

    public static X509Certificate2 Address(string address) => Create("nobody", names => names.AddIpAddress(IPAddress.Parse(address)));

    /// <param name="commonName">The common name of the subject.</param>
    /// <param name="addNames">Adds the subject alternative names; without it there are none at all.</param>
    /// <param name="isExpired">Whether it ended yesterday.</param>
    public static X509Certificate2 Create(string commonName, Action<SubjectAlternativeNameBuilder>? addNames = null, bool isExpired = false)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={commonName}", key, HashAlgorithmName.SHA256);
        if (addNames is not null)
        {
            var names = new SubjectAlternativeNameBuilder();
            addNames(names);
            request.CertificateExtensions.Add(names.Build());
        }

        var end = DateTimeOffset.UtcNow.AddDays(isExpired ? -1 : 30);
        return request.CreateForTls(end.AddDays(-60), end);
    }

    /// <summary>For a.test, valid in a period.</summary>
    public static X509Certificate2 Period(DateTimeOffset notBefore, DateTimeOffset notAfter)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=a.test", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("a.test");
        request.CertificateExtensions.Add(names.Build());
        return request.CreateForTls(notBefore, notAfter);
    }
}
