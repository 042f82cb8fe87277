using System.Net.Security;
using System.Reflection;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using KestrelTlsUpgrade.Client.Internal.Switching;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.Client.Tests.Switching;

public sealed class TlsSettingsTests
{
    private static ProtocolOffer Offer() => new("OPTIONS * HTTP/1.1\r\nHost: printer.example:631\r\n\r\n"u8);

    /// <summary>A setting that a later platform adds is not to be forgotten silently (C-57: revocation among them).</summary>
    [Fact]
    public void Create_EverySetting_IsTheCallersOrARule()
    {
        string[] rules = ["AllowRenegotiation", "ApplicationProtocols", "TargetHost", "RemoteCertificateValidationCallback"];
        var caller = new SslClientAuthenticationOptions
        {
            AllowTlsResume = false,
            AllowRsaPkcs1Padding = false,
            AllowRsaPssPadding = false,
            CertificateChainPolicy = new X509ChainPolicy(),
            CertificateRevocationCheckMode = X509RevocationMode.Offline,
            CipherSuitesPolicy = new CipherSuitesPolicy([TlsCipherSuite.TLS_AES_128_GCM_SHA256]),
            ClientCertificateContext = SslStreamCertificateContext.Create(TestCertificates.Client, null, offline: true),
            ClientCertificates = [TestCertificates.Client],
            EnabledSslProtocols = SslProtocols.Tls13,
#pragma warning disable SYSLIB0040 // A value that is not the default.
            EncryptionPolicy = EncryptionPolicy.AllowNoEncryption,
#pragma warning restore SYSLIB0040
            LocalCertificateSelectionCallback = (_, _, _, _, _) => TestCertificates.Client,
        };
        var settings = TlsSettings.Create(caller, "a.test", Offer(), _ => { });
        var fresh = new SslClientAuthenticationOptions();
        foreach (var property in typeof(SslClientAuthenticationOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => !rules.Contains(property.Name)))
        {
            Assert.False(Equals(property.GetValue(caller), property.GetValue(fresh)), $"{property.Name} is not tested.");
            Assert.True(Equals(property.GetValue(caller), property.GetValue(settings)), $"{property.Name} is lost.");
        }

        Assert.False(settings.AllowRenegotiation);
        Assert.Equal("a.test", settings.TargetHost);
        Assert.Equal(
            ["http/1.1-upgraded=VNKU0Gu1Ii5mpp1GHXSEDvJ3pGsNHUWaEXqtK3gwY80", "http/1.1-upgraded", "http/1.1"],
            settings.ApplicationProtocols!.Select(protocol => protocol.ToString()));
    }

    [Fact]
    public void Create_NoVersions_Tls12And13() =>
        Assert.Equal(SslProtocols.Tls12 | SslProtocols.Tls13, TlsSettings.Create(new(), "a.test", Offer(), _ => { }).EnabledSslProtocols);
}
