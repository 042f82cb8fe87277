namespace KestrelTlsUpgrade;

/// <summary>The thresholds of the health check of upgrade endpoints.</summary>
public sealed class TlsUpgradeHealthCheckOptions
{
    /// <summary>Gets or sets how long before a certificate expires the check reports degraded. After expiry, the check fails.</summary>
    /// <value>
    /// <see langword="null"/>, the default, means 14 days, or a sixth of the certificate's lifetime if that is shorter. The log warns at
    /// that time, whatever is set here. Must not be negative.
    /// </value>
    public TimeSpan? CertificateReminder { get; set; }

    /// <summary>
    /// Gets or sets the failure rate of the TLS handshakes of the last five minutes above which the check reports degraded. It must be
    /// exceeded by the handshakes, and by the share of callers most of whose handshakes failed: one caller that fails again and again says
    /// little of the server. Counts handshakes after a <c>101</c> and those from the first byte.
    /// </summary>
    /// <value>A number from 0 to 1. Defaults to 0.5; 1 ignores failures.</value>
    public double MaxFailureRate { get; set; } = 0.5;

    /// <summary>Gets or sets the minimum number of handshakes in the last five minutes for which failures are reported.</summary>
    /// <value>At least 1. Defaults to 20.</value>
    public int MinHandshakes { get; set; } = 20;

    /// <summary>
    /// Gets or sets the minimum number of callers whose handshakes failed in the last five minutes for which failures are reported. A
    /// caller is an IPv4 address or a /64 of IPv6.
    /// </summary>
    /// <value>At least 1. Defaults to 2. Use 1 if all clients arrive from one address, as behind a load balancer.</value>
    public int MinCallers { get; set; } = 2;
}
