using System.Net.Security;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace KestrelTlsUpgrade.Internal.Tls;

/// <summary>Copies the TLS settings of the framework, which has no method for it.</summary>
internal static class TlsSettingsExtensions
{
    /// <summary>Copies all settings of an endpoint.</summary>
    public static void CopyTo(this HttpsConnectionAdapterOptions from, HttpsConnectionAdapterOptions to)
    {
        to.CheckCertificateRevocation = from.CheckCertificateRevocation;
        to.ClientCertificateMode = from.ClientCertificateMode;
        to.ClientCertificateValidation = from.ClientCertificateValidation;
        to.HandshakeTimeout = from.HandshakeTimeout;
        to.OnAuthenticate = from.OnAuthenticate;
        to.ServerCertificate = from.ServerCertificate;
        to.ServerCertificateChain = from.ServerCertificateChain;
        to.ServerCertificateSelector = from.ServerCertificateSelector;
        to.SslProtocols = from.SslProtocols;
        to.TlsClientHelloBytesCallback = from.TlsClientHelloBytesCallback;
    }

    /// <summary>Copies all settings of a handshake.</summary>
    public static void CopyTo(this SslServerAuthenticationOptions from, SslServerAuthenticationOptions to)
    {
        to.AllowRenegotiation = from.AllowRenegotiation;
        to.AllowTlsResume = from.AllowTlsResume;
        to.ApplicationProtocols = from.ApplicationProtocols;
        to.CertificateChainPolicy = from.CertificateChainPolicy;
        to.CertificateRevocationCheckMode = from.CertificateRevocationCheckMode;
        to.CipherSuitesPolicy = from.CipherSuitesPolicy;
        to.ClientCertificateRequired = from.ClientCertificateRequired;
        to.EnabledSslProtocols = from.EnabledSslProtocols;
        to.EncryptionPolicy = from.EncryptionPolicy;
        to.RemoteCertificateValidationCallback = from.RemoteCertificateValidationCallback;
        to.ServerCertificate = from.ServerCertificate;
        to.ServerCertificateContext = from.ServerCertificateContext;
        to.ServerCertificateSelectionCallback = from.ServerCertificateSelectionCallback;
        if (OperatingSystem.IsLinux() || OperatingSystem.IsWindows())
        {
            to.AllowRsaPkcs1Padding = from.AllowRsaPkcs1Padding;
            to.AllowRsaPssPadding = from.AllowRsaPssPadding;
        }
    }
}
