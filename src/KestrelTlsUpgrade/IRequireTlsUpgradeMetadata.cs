namespace KestrelTlsUpgrade;

/// <summary>Endpoint metadata that specifies whether the endpoint requires TLS. The most specific metadata wins.</summary>
/// <remarks>
/// Enforced in applications that call <c>AddTlsUpgrade()</c> or <c>UseTlsUpgrade()</c>. Without these calls,
/// <see cref="RequireTlsUpgradeAttribute"/> still fails closed; custom implementations of this interface cannot.
/// </remarks>
public interface IRequireTlsUpgradeMetadata
{
    /// <summary>
    /// Gets whether a plaintext request is answered with <c>426 Upgrade Required</c> (RFC 2817 section 4.2) instead of being served.
    /// </summary>
    bool Required { get; }

    /// <summary>
    /// Gets what happens to plaintext requests for this endpoint if it requires TLS; <see langword="null"/> for what
    /// <see cref="TlsUpgradeOptions.Requirement"/> says.
    /// </summary>
    TlsUpgradeRequirement? Requirement => null;
}
