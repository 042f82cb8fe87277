using Microsoft.AspNetCore.Http;

namespace KestrelTlsUpgrade.Internal.Requiring;

/// <summary>The TLS requirement of an endpoint. A request satisfies it if ASP.NET Core considers it secure.</summary>
internal static class TlsRequirement
{
    /// <summary>The requirement of the most specific metadata; <see langword="null"/> if there is none.</summary>
    public static bool? Of(Endpoint? endpoint) => endpoint?.Metadata.GetMetadata<IRequireTlsUpgradeMetadata>()?.Required;
}
