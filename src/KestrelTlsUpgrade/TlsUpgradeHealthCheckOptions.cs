namespace KestrelTlsUpgrade;

/// <summary>From when on the health check of the upgrade endpoints says that something is not well.</summary>
public sealed class TlsUpgradeHealthCheckOptions
{
    /// <summary>How long before a certificate expires the check is degraded. Once it has expired, the check fails.</summary>
    /// <value>Defaults to 14 days, from when on the log has warnings too. Not negative.</value>
    public TimeSpan CertificateReminder { get; set; } = TimeSpan.FromDays(14);

    /// <summary>
    /// The share of TLS handshakes of the last five minutes that may fail; the check is degraded beyond it. Handshakes behind a
    /// <c>101</c> and those from the first byte count alike.
    /// </summary>
    /// <value>Defaults to 0.5. From 0 to 1, where 1 means that failures do not matter.</value>
    public double MaxFailureRate { get; set; } = 0.5;

    /// <summary>How many handshakes there have to be in the last five minutes for their failures to matter.</summary>
    /// <value>Defaults to 20. At least 1.</value>
    public int MinHandshakes { get; set; } = 20;
}
