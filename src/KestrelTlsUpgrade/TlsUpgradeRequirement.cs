namespace KestrelTlsUpgrade;

/// <summary>What happens to a plaintext request for a resource that requires TLS.</summary>
public enum TlsUpgradeRequirement
{
    /// <summary>It is refused, or redirected if it comes from a browser.</summary>
    Enforce,

    /// <summary>
    /// It is served, and reported by a metric and in the log. Its response advertises the upgrade (RFC 2817 section 4.1). Shows whom
    /// <see cref="Enforce"/> would meet before it is set.
    /// </summary>
    ReportOnly,
}
