using System.Security.Cryptography.X509Certificates;
using KestrelTlsUpgrade.Internal.Tls;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace KestrelTlsUpgrade.Internal.Certificates;

/// <summary>
/// Lets Kestrel's TLS present the shared chains. With a certificate in its options, Kestrel builds a chain for every endpoint and every
/// server name, and the start waits for all of them. With a selector, it leaves the certificate to the handshake.
/// </summary>
internal sealed class PresentedCertificates(CertificateChains chains)
{
    /// <summary>Finds what is presented with each certificate.</summary>
    public EndpointCertificates Find(EndpointCertificates certificates) => new(
        certificates.ForAll is null ? null : FindChain(certificates.ForAll),
        [.. certificates.ByName.Select(named => named with { Certificate = named.Certificate is null ? null : FindChain(named.Certificate) })]);

    /// <summary>Settings that present one certificate.</summary>
    /// <param name="https">The settings.</param>
    /// <param name="loaded">The certificate, or <see langword="null"/> if code selects it.</param>
    public static HttpsConnectionAdapterOptions Present(HttpsConnectionAdapterOptions https, LoadedCertificate? loaded)
    {
        if (loaded?.Presented is not { } chain)
        {
            return https;
        }

        var presenting = new HttpsConnectionAdapterOptions();
        https.CopyTo(presenting);
        presenting.ServerCertificate = null;
        presenting.ServerCertificateChain = null;
        presenting.ServerCertificateSelector = static (_, _) => null;
        presenting.OnAuthenticate = (connection, authentication) =>
        {
            authentication.ServerCertificateSelectionCallback = null;
            authentication.ServerCertificate = chain.Certificate;
            authentication.ServerCertificateContext = chain.Context;
            https.OnAuthenticate?.Invoke(connection, authentication);
        };
        return presenting;
    }

    /// <summary>Settings that present a certificate by the client's server name, within Kestrel's section <c>Sni</c>.</summary>
    public static HttpsConnectionAdapterOptions Present(HttpsConnectionAdapterOptions https, EndpointCertificates certificates)
    {
        var forAll = certificates.ForAll is null ? null : Presented.Of(certificates.ForAll);
        var byName = new ServerNameTable<Presented>(certificates.ByName.Select(named =>
            KeyValuePair.Create(named.Entry.Name, named.Certificate is null ? forAll ?? Presented.Selected : Presented.Of(named.Certificate))));
        var select = https.ServerCertificateSelector;
        var presenting = new HttpsConnectionAdapterOptions();
        https.CopyTo(presenting);
        presenting.ServerCertificate = null;
        presenting.ServerCertificateChain = null;

        // Kestrel looks at what a selector returns in every handshake, which is not needed for a certificate that has been looked at.
        presenting.ServerCertificateSelector = (connection, name) =>
            byName.Find(name ?? "") is { Chain: null } other ? other.Certificate ?? select?.Invoke(connection, name) : null;
        presenting.OnAuthenticate = (connection, authentication) =>
        {
            var name = connection.Features.Get<ITlsHandshakeFeature>()?.HostName;
            if (byName.Find(name ?? "") is { Chain: { } chain })
            {
                authentication.ServerCertificate = chain.Certificate;
                authentication.ServerCertificateContext = chain.Context;
            }

            https.OnAuthenticate?.Invoke(connection, authentication);
        };
        return presenting;
    }

    private LoadedCertificate FindChain(LoadedCertificate loaded) => loaded with { Presented = chains.Get(loaded) };

    /// <param name="Chain">The chain, or <see langword="null"/> for a certificate that Kestrel has to look at.</param>
    /// <param name="Certificate">The certificate, or <see langword="null"/> if code selects it.</param>
    private sealed record Presented(CertificateChain? Chain, X509Certificate2? Certificate)
    {
        public static Presented Selected { get; } = new(null, null);

        public static Presented Of(LoadedCertificate loaded) => new(loaded.Presented, loaded.Certificate);
    }
}
