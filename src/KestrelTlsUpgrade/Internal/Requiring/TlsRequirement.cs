using Microsoft.AspNetCore.Http;

namespace KestrelTlsUpgrade.Internal.Requiring;

/// <summary>Whether a request may have what it asks for. Secure is what the rest of ASP.NET Core takes for secure.</summary>
internal static class TlsRequirement
{
    /// <summary>What the metadata nearest to an endpoint says; <see langword="null"/> if there is none.</summary>
    public static bool? Of(Endpoint? endpoint) => endpoint?.Metadata.GetMetadata<IRequireTlsUpgradeMetadata>()?.Required;
}
