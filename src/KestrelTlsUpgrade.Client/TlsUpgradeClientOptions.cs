using System.Net.Security;

namespace KestrelTlsUpgrade.Client;

/// <summary>Settings of a client that upgrades <c>http://</c> connections to TLS (RFC 2817).</summary>
public sealed class TlsUpgradeClientOptions
{
    private SslClientAuthenticationOptions _ssl = new();
    private TimeProvider _timeProvider = TimeProvider.System;

    /// <summary>When connections are upgraded.</summary>
    /// <value>Defaults to <see cref="TlsUpgradeMode.Required"/>.</value>
    public TlsUpgradeMode Mode { get; set; } = TlsUpgradeMode.Required;

    /// <summary>
    /// The TLS settings of upgraded connections: versions, client certificates, revocation, validation of the server's certificate. The TLS
    /// settings for <c>https://</c> are configured on the handler (<see cref="ConfigureHandler"/>).
    /// </summary>
    /// <value>
    /// <c>SslProtocols.None</c> means TLS 1.2 and 1.3. The server's name is always the host of the request's URI, so <c>TargetHost</c> must
    /// not be set. The common name of a certificate is ignored (RFC 9525), and a mismatch is reported to
    /// <c>RemoteCertificateValidationCallback</c>. <c>ApplicationProtocols</c> may be empty or <c>http/1.1</c>; the client's marks are
    /// added before it. Renegotiation is always off. A client certificate is only sent if it is set here; TLS 1.3 encrypts it.
    /// </value>
    /// <exception cref="ArgumentNullException">The value is <see langword="null"/>.</exception>
    public SslClientAuthenticationOptions SslOptions
    {
        get => _ssl;
        set => _ssl = value ?? throw new ArgumentNullException(nameof(value));
    }

    /// <summary>
    /// How long an upgrade may take, from the connected transport (or the open tunnel) to the end of the answer inside TLS. This is in
    /// addition to connecting; <see cref="SocketsHttpHandler.ConnectTimeout"/> covers both. If the server's answer to <c>OPTIONS *</c> is
    /// unusable, the second attempt gets the same time again.
    /// </summary>
    /// <value>Defaults to 15 seconds. <see cref="Timeout.InfiniteTimeSpan"/> leaves only the other timeouts.</value>
    public TimeSpan UpgradeTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Maximum size of the head of each answer to the upgrade request.</summary>
    /// <value>In bytes. Defaults to 32 KiB.</value>
    public int MaxUpgradeResponseHeadSize { get; set; } = 32 * 1024;

    /// <summary>
    /// Maximum content of an answer to the upgrade request that is read to keep the connection. If an answer inside TLS is longer, the
    /// connection fails. If a refusal is longer, the connection is closed, and another one is opened for clear text if the mode allows it.
    /// </summary>
    /// <value>In bytes. Defaults to 64 KiB.</value>
    public int MaxUpgradeResponseContentSize { get; set; } = 64 * 1024;

    /// <summary>Maximum number of interim (1xx) responses before the answer.</summary>
    /// <value>Defaults to 8.</value>
    public int MaxInterimResponses { get; set; } = 8;

    /// <summary>
    /// How long to wait before an origin that refused the upgrade is asked again (<see cref="TlsUpgradeMode.Preferred"/>), or its
    /// advertisements are believed again (<see cref="TlsUpgradeMode.OnDemand"/>). A shorter <c>Retry-After</c> of the refusal takes
    /// precedence. A refusal that says that the server cannot answer now, such as <c>503</c>, is not remembered without one.
    /// </summary>
    /// <value>Defaults to 10 minutes. <see cref="TimeSpan.Zero"/> asks for every request that finds no upgraded connection.</value>
    public TimeSpan RefusalLifetime { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// How long an origin that required or advertised the upgrade gets upgraded connections (<see cref="TlsUpgradeMode.OnDemand"/>). It
    /// is forgotten earlier if an upgrade fails.
    /// </summary>
    /// <value>Defaults to 1 day. <see cref="TimeSpan.Zero"/> waits for a <c>426</c> each time.</value>
    public TimeSpan DemandLifetime { get; set; } = TimeSpan.FromDays(1);

    /// <summary>
    /// Configures the <see cref="SocketsHttpHandler"/> that connects, pools and sends: proxy, credentials, cookies, limits, timeouts, TLS
    /// for <c>https://</c>. Called twice: upgraded connections and all others have separate handlers, so that they never mix. Limits such
    /// as <c>MaxConnectionsPerServer</c> apply to each. Both share one cookie container.
    /// </summary>
    /// <value>Defaults to <see langword="null"/>.</value>
    public Action<SocketsHttpHandler>? ConfigureHandler { get; set; }

    /// <summary>The clock for timeouts and lifetimes.</summary>
    /// <value>Defaults to <see cref="TimeProvider.System"/>.</value>
    /// <exception cref="ArgumentNullException">The value is <see langword="null"/>.</exception>
    public TimeProvider TimeProvider
    {
        get => _timeProvider;
        set => _timeProvider = value ?? throw new ArgumentNullException(nameof(value));
    }
}
