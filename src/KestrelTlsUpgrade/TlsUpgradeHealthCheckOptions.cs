namespace KestrelTlsUpgrade;

/// <summary>The thresholds of the health check of upgrade endpoints.</summary>
public sealed class TlsUpgradeHealthCheckOptions
{
    /// <summary>Gets or sets how long before a certificate expires the check reports degraded. After expiry, the check fails.</summary>
    /// <value>Defaults to 14 days, the time at which the log also starts to warn. Must not be negative.</value>
    public TimeSpan CertificateReminder { get; set; } = TimeSpan.FromDays(14);

    /// <summary>
    /// Gets or sets the failure rate of the TLS handshakes of the last five minutes above which the check reports degraded. Counts
    /// handshakes after a <c>101</c> and those from the first byte.
    /// </summary>
    /// <value>A number from 0 to 1. Defaults to 0.5; 1 ignores failures.</value>
    public double MaxFailureRate { get; set; } = 0.5;

    /// <summary>Gets or sets the minimum number of handshakes in the last five minutes for which failures are reported.</summary>
    /// <value>At least 1. Defaults to 20.</value>
    public int MinHandshakes { get; set; } = 20;
}
