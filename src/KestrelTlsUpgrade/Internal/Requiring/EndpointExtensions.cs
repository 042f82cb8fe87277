using Microsoft.AspNetCore.Http;

namespace KestrelTlsUpgrade.Internal.Requiring;

internal static class EndpointExtensions
{
    /// <summary>
    /// Whether the endpoint's most specific metadata requires TLS; <see langword="null"/> if it has none. A request satisfies the
    /// requirement if ASP.NET Core considers it secure.
    /// </summary>
    public static bool? RequiresTls(this Endpoint? endpoint) => endpoint?.FindRequirement()?.Required;

    /// <summary>The endpoint's most specific metadata.</summary>
    public static IRequireTlsUpgradeMetadata? FindRequirement(this Endpoint endpoint) =>
        endpoint.Metadata.GetMetadata<IRequireTlsUpgradeMetadata>();
}
