using System.Net.Security;

namespace KestrelTlsUpgrade.Internal.Tls;

internal static class AuthenticationSettings
{
    /// <summary>Copies all settings of a handshake.</summary>
    public static SslServerAuthenticationOptions Copy(SslServerAuthenticationOptions from)
    {
        var copy = new SslServerAuthenticationOptions
        {
            AllowRenegotiation = from.AllowRenegotiation,
            AllowTlsResume = from.AllowTlsResume,
            ApplicationProtocols = from.ApplicationProtocols,
            CertificateChainPolicy = from.CertificateChainPolicy,
            CertificateRevocationCheckMode = from.CertificateRevocationCheckMode,
            CipherSuitesPolicy = from.CipherSuitesPolicy,
            ClientCertificateRequired = from.ClientCertificateRequired,
            EnabledSslProtocols = from.EnabledSslProtocols,
            EncryptionPolicy = from.EncryptionPolicy,
            RemoteCertificateValidationCallback = from.RemoteCertificateValidationCallback,
            ServerCertificate = from.ServerCertificate,
            ServerCertificateContext = from.ServerCertificateContext,
            ServerCertificateSelectionCallback = from.ServerCertificateSelectionCallback,
        };
        if (OperatingSystem.IsLinux() || OperatingSystem.IsWindows())
        {
            copy.AllowRsaPkcs1Padding = from.AllowRsaPkcs1Padding;
            copy.AllowRsaPssPadding = from.AllowRsaPssPadding;
        }

        return copy;
    }
}
