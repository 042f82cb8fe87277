using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace KestrelTlsUpgrade.Testing;

/// <summary>Certificates made for this run, each once.</summary>
internal static class TestCertificates
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    /// <summary>For localhost, a.test and the loopback addresses.</summary>
    public static X509Certificate2 Server { get; } = Create("localhost", ServerAuthentication, "localhost", "a.test");

    /// <summary>For b.test, and nothing else.</summary>
    public static X509Certificate2 Other { get; } = Create("b.test", ServerAuthentication, includeAddresses: false, "b.test");

    /// <summary>With an RSA key, which cipher suites of TLS 1.2 depend on.</summary>
    public static X509Certificate2 Rsa { get; } = CreateRsa(2048);

    public static X509Certificate2 Client { get; } = Create("client", ClientAuthentication, "client.test");

    public static X509Certificate2 Create(string name, string usage, params string[] dnsNames) =>
        Create(name, usage, includeAddresses: true, dnsNames);

    public static X509Certificate2 Create(string name, string usage, bool includeAddresses, params string[] dnsNames)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return Sign(new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256), usage, includeAddresses, dnsNames);
    }

    /// <summary>For localhost, with an RSA key of so many bits.</summary>
    public static X509Certificate2 CreateRsa(int keySize)
    {
        using var key = RSA.Create(keySize);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return Sign(request, ServerAuthentication, includeAddresses: true, "localhost", "a.test");
    }

    /// <summary>For localhost, with an ECDSA key of this curve.</summary>
    public static X509Certificate2 CreateEcdsa(ECCurve curve)
    {
        using var key = ECDsa.Create(curve);
        return Sign(
            new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256), ServerAuthentication, includeAddresses: true, "localhost", "a.test");
    }

    private static X509Certificate2 Sign(CertificateRequest request, string usage, bool includeAddresses, params string[] dnsNames)
    {
        var names = new SubjectAlternativeNameBuilder();
        foreach (var name in dnsNames)
        {
            names.AddDnsName(name);
        }

        if (includeAddresses)
        {
            names.AddIpAddress(IPAddress.Loopback);
            names.AddIpAddress(IPAddress.IPv6Loopback);
        }

        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], critical: false));
        return request.CreateForTls(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(90));
    }
}
