namespace KestrelTlsUpgrade;

/// <summary>
/// Serves a controller, action, page or endpoint only to requests that arrived over TLS. Others are answered with
/// <c>426 Upgrade Required</c> (RFC 2817 section 4.2).
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method, AllowMultiple = false, Inherited = true)]
public sealed class RequireTlsUpgradeAttribute : Attribute, IRequireTlsUpgradeMetadata
{
    /// <inheritdoc/>
    /// <value>Defaults to <see langword="true"/>; <see langword="false"/> revokes a requirement made further out.</value>
    public bool Required { get; set; } = true;
}
