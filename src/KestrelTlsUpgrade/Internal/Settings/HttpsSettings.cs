using KestrelTlsUpgrade.Internal.Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace KestrelTlsUpgrade.Internal.Settings;

internal static class HttpsSettings
{
    /// <summary>Copies all settings.</summary>
    public static void Copy(HttpsConnectionAdapterOptions from, HttpsConnectionAdapterOptions to)
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

    /// <summary>Sets the certificate, and removes any selector.</summary>
    public static void SetCertificate(HttpsConnectionAdapterOptions https, LoadedCertificate certificate)
    {
        https.ServerCertificate = certificate.Certificate;
        https.ServerCertificateChain = certificate.Chain;
        https.ServerCertificateSelector = null;
    }
}
