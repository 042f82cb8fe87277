
namespace KestrelTlsUpgrade.Internal.Telemetry;

/// <summary>The log categories. Operators filter by them, so they do not change when types move.</summary>
internal static class LogCategories
{
    private const string Prefix = "KestrelTlsUpgrade.Internal.";

    public const string Endpoint = $"{Prefix}Hosting.TlsUpgradeEndpoint";
    public const string Settings = $"{Prefix}Hosting.SettingsWatch";
    public const string EndpointCoverage = $"{Prefix}Hosting.PlaintextEndpointCheck";
    public const string CertificateExpiry = $"{Prefix}Hosting.CertificateExpiryCheck";
    public const string CertificateChain = $"{Prefix}Hosting.CertificateChain";
    public const string CertificateKey = $"{Prefix}Hosting.KeyTypeHint";
    public const string DevelopmentCertificate = $"{Prefix}Hosting.DevelopmentCertificate";
    public const string SharedNames = $"{Prefix}Hosting.SharedNameCheck";
    public const string Handshake = $"{Prefix}Switching.Handshakes.TlsHandshake";
    public const string Secured = $"{Prefix}Switching.SecuredConnectionMiddleware";
    public const string Fallback = $"{Prefix}Fallback";
    public const string Http = $"{Prefix}Http.TlsUpgradeMiddleware";
    public const string Attributes = $"{Prefix}Requiring.AttributeCheck";
    public const string Routing = $"{Prefix}Http.RequireTlsUpgradeMatcherPolicy";
    public const string ClientScheme = $"{Prefix}Hosting.ClientSchemeCheck";
    public const string Requests = $"{Prefix}Observation.RequestLog";
}
