using System.Net.Security;
using System.Reflection;
using System.Runtime.Versioning;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using KestrelTlsUpgrade.Internal.Tls;

namespace KestrelTlsUpgrade.Tests.Tls;

/// <summary>Only Linux has all settings.</summary>
[SupportedOSPlatform("linux")]
public sealed class AuthenticationSettingsTests
{
    /// <summary>Every property of the framework, so that a new one is not forgotten.</summary>
    public static TheoryData<string> Properties => [.. typeof(SslServerAuthenticationOptions)
        .GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite).Select(property => property.Name)];

    [Theory]
    [MemberData(nameof(Properties))]
    public void Copy_Property_IsCopied(string name)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The system does not have all settings.");
        var property = typeof(SslServerAuthenticationOptions).GetProperty(name)!;
        var from = new SslServerAuthenticationOptions();
        property.SetValue(from, CreateValue(property, from));

        var copy = new SslServerAuthenticationOptions();
        from.CopyTo(copy);

        Assert.Equal(property.GetValue(from), property.GetValue(copy));
        Assert.NotEqual(property.GetValue(new SslServerAuthenticationOptions()), property.GetValue(copy));
    }

    private static object CreateValue(PropertyInfo property, SslServerAuthenticationOptions options) => property.Name switch
    {
        nameof(options.ApplicationProtocols) => new List<SslApplicationProtocol>(),
        nameof(options.CertificateChainPolicy) => new X509ChainPolicy(),
        nameof(options.CertificateRevocationCheckMode) => X509RevocationMode.Offline,
        nameof(options.CipherSuitesPolicy) => new CipherSuitesPolicy([TlsCipherSuite.TLS_AES_128_GCM_SHA256]),
        nameof(options.EnabledSslProtocols) => SslProtocols.Tls13,
#pragma warning disable SYSLIB0040 // Any value but the default.
        nameof(options.EncryptionPolicy) => EncryptionPolicy.AllowNoEncryption,
#pragma warning restore SYSLIB0040
        nameof(options.RemoteCertificateValidationCallback) => new RemoteCertificateValidationCallback((_, _, _, _) => false),
        nameof(options.ServerCertificateSelectionCallback) => new ServerCertificateSelectionCallback((_, _) => Certificate),
        nameof(options.ServerCertificate) => Certificate,
        nameof(options.ServerCertificateContext) => SslStreamCertificateContext.Create(Certificate, additionalCertificates: null),
        _ when property.PropertyType == typeof(bool) => !(bool)property.GetValue(options)!,
        _ => throw new NotSupportedException($"{property.Name} is new: have it copied, and give it a value here."),
    };

    private static X509Certificate2 Certificate { get; } =
        new CertificateRequest("CN=a", System.Security.Cryptography.ECDsa.Create(), System.Security.Cryptography.HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue);
}
