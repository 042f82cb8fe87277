using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KestrelTlsUpgrade.Internal.Certificates;

namespace KestrelTlsUpgrade.Tests.Certificates;

public sealed class CertificateNamesTests
{
    [Theory]
    [InlineData("a.test", "a.test", true)]
    [InlineData("A.Test", "a.tEST", true)]
    [InlineData("a.test", "a.test.", true)]
    [InlineData("a.test", "b.test", false)]
    [InlineData("*.corp.example", "shop.corp.example", true)]
    [InlineData("*.CORP.example", "shop.corp.EXAMPLE", true)]
    [InlineData("*.corp.example", "a.shop.corp.example", false)]
    [InlineData("*.corp.example", "corp.example", false)]
    [InlineData("*.corp.example", ".corp.example", false)]
    [InlineData("sh*.corp.example", "shop.corp.example", false)]
    [InlineData("shop.*.example", "shop.corp.example", false)]
    [InlineData("*", "shop", false)]
    [InlineData("*.0.0.1", "127.0.0.1", false)]
    [InlineData("127.0.0.1", "127.0.0.1", true)]
    [InlineData("::1", "0:0:0:0:0:0:0:1", true)]
    [InlineData("xn--mller-kva.example", "müller.example", true)]
    [InlineData("*.xn--mller-kva.example", "shop.MÜLLER.example", true)]
    [InlineData("a_b.corp.example", "A_B.corp.example", true)]
    public void Covers_AsATlsClientCompares(string name, string host, bool expected) => Assert.Equal(expected, CertificateNames.Covers(name, host));

    [Theory]
    [InlineData("a.test", "a.test")]
    [InlineData("*.corp.example", "any.corp.example")]
    [InlineData("*.müller.example", "any.xn--mller-kva.example")]
    [InlineData("*", "any.invalid")]
    [InlineData("::1", "::1")]
    public void ToHost_IsCoveredWhereverTheNameIs(string name, string host) => Assert.Equal(host, CertificateNames.ToHost(name));

    [Fact]
    public void Of_NamesAsTheCertificateHasThem_HostsFirst()
    {
        using var certificate = Create(
            "CN=common.test",
            static names =>
            {
                names.AddIpAddress(IPAddress.Loopback);
                names.AddDnsName("a.test");
                names.AddDnsName("*.b.test");
            });
        Assert.Equal(["a.test", "*.b.test", "127.0.0.1"], CertificateNames.Of(certificate));
        Assert.Equal(CertificateNames.Of(certificate), CertificateNames.OfAnyClient(certificate));
        Assert.False(CertificateNames.Cover(certificate, "common.test"));
        Assert.True(CertificateNames.Cover(certificate, "x.b.test"));
    }

    [Fact]
    public void OfAnyClient_NoNames_CommonName()
    {
        using var certificate = Create("C=DE, CN=common.test, O=Nobody", names: null);
        Assert.Empty(CertificateNames.Of(certificate));
        Assert.Equal(["common.test"], CertificateNames.OfAnyClient(certificate));
        Assert.True(CertificateNames.Cover(certificate, "COMMON.test"));
    }

    [Fact]
    public void NoCertificate_HasNoNames()
    {
        Assert.Empty(CertificateNames.Of(null));
        Assert.Empty(CertificateNames.OfAnyClient(null));
        Assert.False(CertificateNames.Cover(null, "a.test"));
    }

    private static X509Certificate2 Create(string subject, Action<SubjectAlternativeNameBuilder>? names)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        if (names is not null)
        {
            var builder = new SubjectAlternativeNameBuilder();
            names(builder);
            request.CertificateExtensions.Add(builder.Build());
        }

        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}
