using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace KestrelTlsUpgrade.Client.Internal;

/// <summary>Copies TLS settings, so that a change of the copy does not change their owner's.</summary>
internal static class SslClientAuthenticationOptionsExtensions
{
    /// <summary>Copies all settings. Lists and policies are copied too.</summary>
    public static SslClientAuthenticationOptions Copy(this SslClientAuthenticationOptions source)
    {
        var copy = new SslClientAuthenticationOptions
        {
            AllowRenegotiation = source.AllowRenegotiation,
            AllowTlsResume = source.AllowTlsResume,
            ApplicationProtocols = source.ApplicationProtocols is null ? null : [.. source.ApplicationProtocols],
            CertificateChainPolicy = source.CertificateChainPolicy?.Clone(),
            CertificateRevocationCheckMode = source.CertificateRevocationCheckMode,
            CipherSuitesPolicy = source.CipherSuitesPolicy,
            ClientCertificateContext = source.ClientCertificateContext,
            ClientCertificates = Copy(source.ClientCertificates),
            EnabledSslProtocols = source.EnabledSslProtocols,
            EncryptionPolicy = source.EncryptionPolicy,
            LocalCertificateSelectionCallback = source.LocalCertificateSelectionCallback,
            RemoteCertificateValidationCallback = source.RemoteCertificateValidationCallback,
            TargetHost = source.TargetHost,
        };
        if (OperatingSystem.IsLinux() || OperatingSystem.IsWindows())
        {
            copy.AllowRsaPkcs1Padding = source.AllowRsaPkcs1Padding;
            copy.AllowRsaPssPadding = source.AllowRsaPssPadding;
        }

        return copy;
    }

    private static X509CertificateCollection? Copy(X509CertificateCollection? source) => source switch
    {
        null => null,
        X509Certificate2Collection certificates => new X509Certificate2Collection(certificates),
        _ => new X509CertificateCollection(source),
    };
}
