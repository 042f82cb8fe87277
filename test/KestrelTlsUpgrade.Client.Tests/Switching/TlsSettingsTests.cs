using System.Net.Security;
using System.Reflection;
using System.Runtime.Versioning;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using KestrelTlsUpgrade.Client.Internal;
using KestrelTlsUpgrade.Client.Internal.Switching;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.Client.Tests.Switching;

/// <summary>Only Linux has all settings.</summary>
[SupportedOSPlatform("linux")]
public sealed class TlsSettingsTests
{
    private static ProtocolOffer Offer() => new("OPTIONS * HTTP/1.1\r\nHost: printer.example:631\r\n\r\n"u8);

    /// <summary>Values that are not the defaults.</summary>
    private static SslClientAuthenticationOptions Caller()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The system does not have all settings.");
        return new()
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
    }

    [Fact]
    public void Copy_EverySetting_IsCopied()
    {
        var source = Caller();
        source.AllowRenegotiation = !source.AllowRenegotiation;
        source.ApplicationProtocols = [SslApplicationProtocol.Http11];
        source.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        source.TargetHost = "a.test";
        source.CertificateChainPolicy!.CustomTrustStore.Add(TestCertificates.Server);
        var copy = source.Copy();
        var fresh = new SslClientAuthenticationOptions();
        string[] lists = ["ApplicationProtocols", "CertificateChainPolicy", "ClientCertificates"];
        foreach (var property in typeof(SslClientAuthenticationOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            Assert.False(Equals(property.GetValue(source), property.GetValue(fresh)), $"{property.Name} is not tested.");
            Assert.NotEqual(lists.Contains(property.Name), ReferenceEquals(property.GetValue(source), property.GetValue(copy))
                || (property.PropertyType.IsValueType && Equals(property.GetValue(source), property.GetValue(copy))));
        }

        Assert.Equal(source.ApplicationProtocols, copy.ApplicationProtocols);
        Assert.Equal(source.ClientCertificates!.Cast<X509Certificate>(), copy.ClientCertificates!.Cast<X509Certificate>());
        Assert.Equal([TestCertificates.Server], copy.CertificateChainPolicy!.CustomTrustStore);
    }

    /// <summary>A setting that a later platform adds is not to be forgotten silently (C-57: revocation among them).</summary>
    [Fact]
    public void Create_EverySetting_IsTheCallersOrARule()
    {
        string[] rules = ["AllowRenegotiation", "ApplicationProtocols", "TargetHost", "RemoteCertificateValidationCallback"];
        string[] copied = ["CertificateChainPolicy", "ClientCertificates"];
        var caller = Caller();
        caller.CertificateChainPolicy!.CustomTrustStore.Add(TestCertificates.Server);
        var settings = TlsSettings.Create(caller, "a.test", Offer(), _ => { });
        var fresh = new SslClientAuthenticationOptions();
        foreach (var property in typeof(SslClientAuthenticationOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => !rules.Contains(property.Name)))
        {
            Assert.False(Equals(property.GetValue(caller), property.GetValue(fresh)), $"{property.Name} is not tested.");
            Assert.True(copied.Contains(property.Name) || Equals(property.GetValue(caller), property.GetValue(settings)), $"{property.Name} is lost.");
        }

        Assert.Equal(caller.ClientCertificates!.Cast<X509Certificate>(), settings.ClientCertificates!.Cast<X509Certificate>());
        Assert.Equal([TestCertificates.Server], settings.CertificateChainPolicy!.CustomTrustStore);

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
