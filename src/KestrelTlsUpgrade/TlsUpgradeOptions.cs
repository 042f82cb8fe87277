using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace KestrelTlsUpgrade;

/// <summary>Settings of an endpoint that upgrades plaintext HTTP/1.1 connections to TLS (RFC 2817).</summary>
public sealed class TlsUpgradeOptions
{
    private HttpsConnectionAdapterOptions _https = new();

    /// <summary>
    /// Whether the endpoint upgrades connections, and serves TLS from the first byte, at all. Otherwise it is a plaintext endpoint
    /// like any other and needs no certificate; resources that require TLS are refused there.
    /// </summary>
    /// <value>Defaults to <see langword="true"/>.</value>
    public bool Enabled { get; set; } = true;

    /// <summary>
    /// The TLS settings, as for <c>UseHttps</c>: certificate, client certificates, versions, handshake timeout.
    /// Used for upgraded connections and for TLS from the first byte alike.
    /// </summary>
    /// <value>
    /// Starts from the application's <c>ConfigureHttpsDefaults</c>. Without a certificate Kestrel's default certificate is
    /// used, and in Development, where there is none, a self-signed one. <c>SslProtocols.None</c> means TLS 1.2 and 1.3.
    /// </value>
    /// <exception cref="ArgumentNullException">The value is <see langword="null"/>.</exception>
    public HttpsConnectionAdapterOptions Https
    {
        get => _https;
        set => _https = value ?? throw new ArgumentNullException(nameof(value));
    }

    /// <summary>
    /// Decides on the TLS settings of each connection by its ClientHello, in place of <see cref="Https"/>: as for
    /// <c>UseHttps(TlsHandshakeCallbackOptions)</c>. The callback asks for the server name with
    /// <c>context.GetServerName()</c>, so that a client that upgrades without sending one gets the right certificate.
    /// </summary>
    /// <value>
    /// Defaults to <see langword="null"/>. The ALPN protocols of an upgraded connection are not the callback's to choose.
    /// </value>
    public TlsHandshakeCallbackOptions? HandshakeCallback { get; set; }

    /// <summary>What happens to a client that starts TLS with the first byte of the connection.</summary>
    /// <value>Defaults to <see cref="DirectTlsMode.Http2Only"/>.</value>
    public DirectTlsMode DirectTls { get; set; } = DirectTlsMode.Http2Only;

    /// <summary>Whose TLS handshake is accepted after a <c>101 Switching Protocols</c>.</summary>
    /// <value>Defaults to <see cref="TlsUpgradeClientMode.Compatible"/>.</value>
    public TlsUpgradeClientMode AcceptedClients { get; set; } = TlsUpgradeClientMode.Compatible;

    /// <summary>
    /// Whether an offer is accepted only if it names a TLS version that the endpoint has enabled. Otherwise every
    /// <c>TLS/1.x</c> token stands for the family, and the version is settled by the handshake: older clients, and the
    /// examples of RFC 2817, offer <c>TLS/1.0</c> and then negotiate TLS 1.2 or 1.3.
    /// </summary>
    /// <value>Defaults to <see langword="false"/>.</value>
    public bool StrictTokens { get; set; }

    /// <summary>
    /// Whether a request that shows an intermediary is upgraded. A proxy that relays the <c>101</c> would give its client a private
    /// channel past the proxy's rules.
    /// </summary>
    /// <remarks>
    /// Proxies show themselves by the standard fields (<c>Via</c>, <c>Forwarded</c>, <c>Max-Forwards</c>, <c>CDN-Loop</c>,
    /// <c>Early-Data</c>, <c>Client-Cert</c>, <c>Surrogate-Capability</c>), by the address or the scheme of their client
    /// (<c>X-Forwarded-*</c>, <c>X-Original-*</c>, <c>X-Real-IP</c>, <c>X-Client-IP</c>, <c>True-Client-IP</c>, <c>X-SSL-*</c>
    /// and their kin), and by fields of a product or a cloud (<c>X-Varnish</c>, <c>X-Envoy-*</c>, <c>CF-Connecting-*</c>,
    /// <c>CF-Ray</c>, <c>Fastly-*</c>, <c>X-Azure-*</c>, <c>CloudFront-*</c>, <c>X-Appengine-*</c>, <c>Akamai-*</c> and others).
    /// <c>Proxies.md</c> in the package lists them all. Trace contexts and request ids do not count: clients send them too. A proxy
    /// that passes <c>Upgrade</c> on and adds nothing cannot be told from a client.
    /// </remarks>
    /// <value>Defaults to <see langword="false"/>.</value>
    public bool AllowBehindProxy { get; set; }

    /// <summary>
    /// Whether a replayed request, which was received in clear text, carries the TLS client certificate if its client has confirmed it
    /// (<see cref="ITlsUpgradeFeature.IsConfirmedRequest"/>). Without that confirmation it never does: an attacker on the path could
    /// have a request of his own answered in the name of the certificate's holder (CVE-2009-3555). Where a client certificate is
    /// required, an unconfirmed request is refused with <c>403</c>, and <c>OPTIONS *</c> answered without the application.
    /// </summary>
    /// <value>Defaults to <see langword="false"/>.</value>
    public bool TrustClientCertificateOnReplay { get; set; }

    /// <summary>Which responses in clear text tell the client that it can upgrade the connection (RFC 2817 section 4.1).</summary>
    /// <value>
    /// Defaults to <see cref="TlsUpgradeAdvertisement.Never"/>: an HTTP proxy that passes the field on into HTTP/2 breaks the
    /// response for its client (RFC 9113 section 8.2.2).
    /// </value>
    public TlsUpgradeAdvertisement Advertise { get; set; } = TlsUpgradeAdvertisement.Never;

    /// <summary>
    /// Whether a browser that asks in clear text for a resource that requires TLS is sent to https on the same host and port.
    /// A browser cannot upgrade; it is known by <c>Upgrade-Insecure-Requests: 1</c>. Only for <c>GET</c> and <c>HEAD</c>, and
    /// only where <see cref="DirectTls"/> serves it.
    /// </summary>
    /// <value>Defaults to <see langword="true"/>. Otherwise it gets <c>426 Upgrade Required</c> as everybody does.</value>
    public bool RedirectBrowsers { get; set; } = true;
}
