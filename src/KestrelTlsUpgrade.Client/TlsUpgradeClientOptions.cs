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
    /// The TLS settings of upgraded connections: versions, client certificates, revocation, validation of the server's
    /// certificate. Those of <c>https://</c> are the handler's own (<see cref="ConfigureHandler"/>).
    /// </summary>
    /// <value>
    /// <c>SslProtocols.None</c> means TLS 1.2 and 1.3. The server's name is always the host of the request's URI, so
    /// <c>TargetHost</c> must not be set; the common name of a certificate is not a name (RFC 9525), and a mismatch is
    /// reported to <c>RemoteCertificateValidationCallback</c>. <c>ApplicationProtocols</c> may be empty or <c>http/1.1</c>:
    /// the client's marks are put before it. Renegotiation is always off. A client certificate is sent inside TLS 1.3 encrypted,
    /// and only if it is set here.
    /// </value>
    /// <exception cref="ArgumentNullException">The value is <see langword="null"/>.</exception>
    public SslClientAuthenticationOptions SslOptions
    {
        get => _ssl;
        set => _ssl = value ?? throw new ArgumentNullException(nameof(value));
    }

    /// <summary>
    /// How long an upgrade may take, from the connected transport (or the open tunnel) to the end of the answer inside TLS. It
    /// comes on top of connecting, and <see cref="SocketsHttpHandler.ConnectTimeout"/> includes both. A server whose answer
    /// to <c>OPTIONS *</c> cannot be used is tried a second time, with as much again.
    /// </summary>
    /// <value>Defaults to 15 seconds. <see cref="Timeout.InfiniteTimeSpan"/> leaves it to the other timeouts.</value>
    public TimeSpan UpgradeTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How large the head of each answer to the upgrade request may be.</summary>
    /// <value>In bytes. Defaults to 32 KiB.</value>
    public int MaxAnswerHeadSize { get; set; } = 32 * 1024;

    /// <summary>
    /// How much content of an answer to the upgrade request is read to keep the connection. An upgraded connection whose
    /// answer is longer fails; one that was refused is closed, and another opened for clear text where the mode allows it.
    /// </summary>
    /// <value>In bytes. Defaults to 64 KiB.</value>
    public int MaxAnswerContentSize { get; set; } = 64 * 1024;

    /// <summary>How many interim (1xx) responses may come before the answer.</summary>
    /// <value>Defaults to 8.</value>
    public int MaxInterimResponses { get; set; } = 8;

    /// <summary>
    /// How long an origin that refused the upgrade is not asked again (<see cref="TlsUpgradeMode.Preferred"/>).
    /// </summary>
    /// <value>Defaults to 10 minutes. <see cref="TimeSpan.Zero"/> asks on every new connection.</value>
    public TimeSpan RefusalLifetime { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// How long an origin that asked for the upgrade or advertised it gets upgraded connections
    /// (<see cref="TlsUpgradeMode.OnDemand"/>).
    /// </summary>
    /// <value>Defaults to 1 day. <see cref="TimeSpan.Zero"/> waits for a <c>426</c> each time.</value>
    public TimeSpan DemandLifetime { get; set; } = TimeSpan.FromDays(1);

    /// <summary>
    /// Sets up the <see cref="SocketsHttpHandler"/> that connects, pools and sends: proxy, credentials, cookies, limits,
    /// timeouts, the TLS of <c>https://</c>. Called twice: upgraded connections and all others have a handler each, so that
    /// they never mix, and limits such as <c>MaxConnectionsPerServer</c> count for each. They share one cookie container.
    /// </summary>
    /// <value>Defaults to <see langword="null"/>.</value>
    public Action<SocketsHttpHandler>? ConfigureHandler { get; set; }

    /// <summary>The clock of the timeouts and lifetimes.</summary>
    /// <value>Defaults to <see cref="TimeProvider.System"/>.</value>
    /// <exception cref="ArgumentNullException">The value is <see langword="null"/>.</exception>
    public TimeProvider TimeProvider
    {
        get => _timeProvider;
        set => _timeProvider = value ?? throw new ArgumentNullException(nameof(value));
    }
}
