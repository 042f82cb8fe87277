using System.Net;
using System.Net.Security;

namespace KestrelTlsUpgrade.Soak.Load;

/// <summary>Where clients connect to, and which certificates they accept there.</summary>
internal sealed record Target(IPEndPoint Web, IPEndPoint Tunnel, RenewedCertificates Certificates)
{
    public SslClientAuthenticationOptions CreateTls(params SslApplicationProtocol[] protocols) => new()
    {
        TargetHost = "localhost",
        ApplicationProtocols = protocols.Length == 0 ? null : [.. protocols],
        RemoteCertificateValidationCallback = (_, certificate, _, _) => Certificates.IsExpected(certificate),
    };
}
