namespace KestrelTlsUpgrade;

/// <summary>Endpoint metadata that says whether the endpoint may be reached in clear text. The nearest one wins.</summary>
/// <remarks>
/// Enforced in applications that have called <c>AddTlsUpgrade()</c> or <c>UseTlsUpgrade()</c>. Without these calls,
/// <see cref="RequireTlsUpgradeAttribute"/> still fails closed; metadata of the application's own cannot.
/// </remarks>
public interface IRequireTlsUpgradeMetadata
{
    /// <summary>
    /// Whether a request in clear text is answered with <c>426 Upgrade Required</c> (RFC 2817 section 4.2) instead of
    /// being served.
    /// </summary>
    bool Required { get; }
}
