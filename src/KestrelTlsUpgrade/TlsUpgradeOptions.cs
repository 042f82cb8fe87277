using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace KestrelTlsUpgrade;

/// <summary>Options of an endpoint that upgrades plaintext HTTP/1.1 connections to TLS (RFC 2817).</summary>
public sealed class TlsUpgradeOptions
{
    private HttpsConnectionAdapterOptions _https = new();

    /// <summary>
    /// Gets or sets whether the endpoint upgrades connections and serves TLS from the first byte. If disabled, it is an ordinary plaintext
    /// endpoint and needs no certificate; requests for resources that require TLS are refused.
    /// </summary>
    /// <value>Defaults to <see langword="true"/>.</value>
    public bool Enabled { get; set; } = true;

    /// <summary>
    /// Gets or sets the TLS settings, as for <c>UseHttps</c>: certificate, client certificates, versions, handshake timeout. Used for
    /// upgraded connections and for TLS from the first byte.
    /// </summary>
    /// <value>
    /// Initialised from the application's <c>ConfigureHttpsDefaults</c>. Without a certificate, Kestrel's default certificate is used or,
    /// in Development, a self-signed one. <c>SslProtocols.None</c> means TLS 1.2 and 1.3.
    /// </value>
    /// <exception cref="ArgumentNullException">The value is <see langword="null"/>.</exception>
    public HttpsConnectionAdapterOptions Https
    {
        get => _https;
        set => _https = value ?? throw new ArgumentNullException(nameof(value));
    }

    /// <summary>
    /// Gets or sets whether the endpoint starts if a certificate has expired or is not valid yet. Plaintext clients are then served, and
    /// TLS begins with that certificate, as if it had expired while the server ran: the log has an error, and the health check fails. A
    /// certificate that is valid is never replaced by one that is not.
    /// </summary>
    /// <value>Defaults to <see langword="false"/>: start-up fails, and changed settings with such a certificate are not applied.</value>
    public bool AllowExpiredCertificate { get; set; }

    /// <summary>
    /// Gets or sets a callback that selects the TLS settings of each connection by its ClientHello, instead of <see cref="Https"/>, as for
    /// <c>UseHttps(TlsHandshakeCallbackOptions)</c>. Use <c>context.GetServerName()</c> in the callback, so that an upgrading client that
    /// sends no server name gets the right certificate.
    /// </summary>
    /// <value>Defaults to <see langword="null"/>. On upgraded connections, the ALPN protocols that the callback sets are replaced.</value>
    public TlsHandshakeCallbackOptions? HandshakeCallback { get; set; }

    /// <summary>Gets or sets how clients that start TLS at the first byte of the connection are treated.</summary>
    /// <value>Defaults to <see cref="DirectTlsMode.Http2Only"/>.</value>
    public DirectTlsMode DirectTls
    {
        get;
        set => (field, IsDirectTlsSet) = (value, true);
    } = DirectTlsMode.Http2Only;

    /// <summary>Whether code or configuration has set <see cref="DirectTls"/>.</summary>
    internal bool IsDirectTlsSet { get; private set; }

    /// <summary>Gets or sets which offers to upgrade are accepted. An offer is optional for both sides (RFC 2817 section 3.1).</summary>
    /// <value>Defaults to <see cref="TlsUpgradeOffers.All"/>.</value>
    public TlsUpgradeOffers Offers { get; set; } = TlsUpgradeOffers.All;

    /// <summary>Gets the callers whose offers are accepted. Offers of others are declined, also for resources that require TLS.</summary>
    /// <value>Everyone by default.</value>
    public TlsUpgradeCallers OffersFrom { get; } = new();

    /// <summary>
    /// Gets or sets a callback that decides on each offer which the other settings allow. It runs before any middleware. Offers on the first
    /// request of a connection are then accepted as those on later ones are, which costs a little more.
    /// </summary>
    /// <value>Defaults to <see langword="null"/>: all of them are accepted. An exception is the application's: the request fails.</value>
    public Func<TlsUpgradeOfferContext, ValueTask<bool>>? AcceptOffer { get; set; }

    /// <summary>
    /// Gets or sets how long optional offers of a caller are declined after TLS has failed for it, for example because it does not trust the
    /// certificate: its next request is then served in clear text, as before. An offer is optional unless the resource requires TLS, the
    /// request is <c>OPTIONS *</c>, or the client announces that it knows about the upgrade. A caller is an address (or a /64 of IPv6) and
    /// its <c>User-Agent</c>; connections without an address are not affected.
    /// </summary>
    /// <remarks>
    /// <para>
    /// A failure that the client does not explain, such as a lost connection, counts for five minutes, and twice as long each time that it
    /// recurs. So does a client that leaves after the handshake, since many check the certificate then: by a reset, before the answer, or without
    /// <c>close_notify</c>. Until TLS has worked for a caller, one of its offers is accepted at a time, for two seconds at most. Changed
    /// settings and a renewed certificate end all of this.
    /// </para>
    /// <para>
    /// The price: somebody on the path who forges an alert, or a client behind the same address, as with NAT or a load balancer without the
    /// PROXY protocol, keeps the caller's optional traffic in clear text for that time.
    /// </para>
    /// </remarks>
    /// <value>Defaults to one hour. Zero: every offer is accepted, however often TLS has failed. At most a day.</value>
    public TimeSpan FallbackLifetime { get; set; } = TimeSpan.FromHours(1);

    /// <summary>
    /// Gets or sets whether instances of the application share what <see cref="FallbackLifetime"/> is about, through the application's
    /// <c>IDistributedCache</c>, such as that of <c>AddStackExchangeRedisCache()</c>. It gets hashes of addresses and names, which can be
    /// guessed by trying all addresses. The first offer of a caller that an instance does not know waits for it, a quarter of a second at
    /// most; if it does not answer, the offer is declined.
    /// </summary>
    /// <value>Defaults to <see langword="false"/>.</value>
    public bool ShareFallback { get; set; }

    /// <summary>Gets or sets whether log lines about failed upgrades have the client's address.</summary>
    /// <value>Defaults to <see langword="false"/>: they have the connection's id only.</value>
    public bool LogClientAddresses { get; set; }

    /// <summary>
    /// Gets or sets what happens to plaintext requests for resources that require TLS. Attributes, conventions and middleware that say
    /// so themselves override it. Applies even if <see cref="Enabled"/> is <see langword="false"/>. The host's setting also applies to requests that
    /// arrive elsewhere, such as on another server or an endpoint that cannot be upgraded.
    /// </summary>
    /// <value>Defaults to <see cref="TlsUpgradeRequirement.Enforce"/>.</value>
    public TlsUpgradeRequirement Requirement { get; set; } = TlsUpgradeRequirement.Enforce;

    /// <summary>Gets or sets which TLS clients are accepted after a <c>101 Switching Protocols</c>.</summary>
    /// <value>Defaults to <see cref="TlsUpgradeClientMode.Compatible"/>.</value>
    public TlsUpgradeClientMode AcceptedClients { get; set; } = TlsUpgradeClientMode.Compatible;

    /// <summary>Whether an https client that does not know about the upgrade could be attached to one (CVE-2025-49812).</summary>
    internal bool UpgradesUnawareClients => Offers is not TlsUpgradeOffers.None && AcceptedClients is TlsUpgradeClientMode.Compatible;

    /// <summary>
    /// Gets or sets whether an offer is accepted only if it names an enabled TLS version. If not, every <c>TLS/1.x</c> token means TLS in
    /// general, and the handshake negotiates the version: older clients, and the examples of RFC 2817, offer <c>TLS/1.0</c> and then
    /// negotiate TLS 1.2 or 1.3.
    /// </summary>
    /// <value>Defaults to <see langword="false"/>.</value>
    public bool StrictTokens { get; set; }

    /// <summary>
    /// Gets or sets whether requests that came through an intermediary are upgraded. A proxy that relays the <c>101</c> would give its
    /// client a channel that bypasses the proxy's rules.
    /// </summary>
    /// <remarks>
    /// Proxies are detected by standard fields (<c>Via</c>, <c>Forwarded</c>, <c>Max-Forwards</c>, <c>CDN-Loop</c>, <c>Early-Data</c>,
    /// <c>Client-Cert</c>, <c>Surrogate-Capability</c>), by fields with the address or scheme of their client (<c>X-Forwarded-*</c>,
    /// <c>X-Original-*</c>, <c>X-Real-IP</c>, <c>X-Client-IP</c>, <c>True-Client-IP</c>, <c>X-SSL-*</c> and similar), and by fields of a
    /// product or a cloud (<c>X-Varnish</c>, <c>X-Envoy-*</c>, <c>CF-Connecting-*</c>, <c>CF-Ray</c>, <c>Fastly-*</c>, <c>X-Azure-*</c>,
    /// <c>CloudFront-*</c>, <c>X-Appengine-*</c>, <c>Akamai-*</c> and others). <c>Proxies.md</c> in the package lists all of them. Trace
    /// contexts and request ids are ignored, because clients send them too. A proxy that relays <c>Upgrade</c> and adds no field cannot be
    /// distinguished from a client.
    /// </remarks>
    /// <value>Defaults to <see langword="false"/>.</value>
    public bool AllowBehindProxy { get; set; }

    /// <summary>
    /// Gets or sets whether a replayed request, which was received in clear text, has the TLS client certificate if its client has
    /// confirmed the request (<see cref="ITlsUpgradeFeature.IsConfirmedRequest"/>). An unconfirmed request never has it: an attacker on the
    /// path could otherwise make a request in the name of the certificate's holder (CVE-2009-3555). If a client certificate is required, an
    /// unconfirmed request is refused with <c>403</c>, and <c>OPTIONS *</c> is answered without the application.
    /// </summary>
    /// <value>Defaults to <see langword="false"/>.</value>
    public bool TrustClientCertificateOnReplay { get; set; }

    /// <summary>Gets or sets which plaintext responses advertise the upgrade (RFC 2817 section 4.1).</summary>
    /// <value>
    /// Defaults to <see cref="TlsUpgradeAdvertisement.Never"/>: an HTTP proxy that forwards the field over HTTP/2 makes the response
    /// invalid for its client (RFC 9113 section 8.2.2).
    /// </value>
    public TlsUpgradeAdvertisement Advertise { get; set; } = TlsUpgradeAdvertisement.Never;

    /// <summary>
    /// Gets or sets whether browsers are redirected to https on the same host and port if their plaintext request is for a resource that
    /// requires TLS. Browsers cannot upgrade; they are detected by <c>Upgrade-Insecure-Requests: 1</c>. Applies to <c>GET</c> and
    /// <c>HEAD</c>, and only if <see cref="DirectTls"/> serves browsers.
    /// </summary>
    /// <value>Defaults to <see langword="true"/>. If disabled, browsers get <c>426 Upgrade Required</c>, as other clients do.</value>
    public bool RedirectBrowsers { get; set; } = true;

    /// <summary>
    /// Gets or sets whether the application answers <c>OPTIONS *</c> inside TLS, as it does in clear text. Otherwise it is answered ahead of
    /// the application with <c>200 OK</c>, <c>Allow</c> and no content: it asks about the server, not about a resource (RFC 9110 section
    /// 9.3.7), and clients send it to upgrade before they send anything else (RFC 2817 section 3.2).
    /// </summary>
    /// <value>Defaults to <see langword="false"/>. Applies to upgraded connections and to TLS from the first byte.</value>
    public bool PassOptionsAsterisk { get; set; }
}
