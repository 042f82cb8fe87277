using KestrelTlsUpgrade;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Extension methods that mark endpoints as reachable over TLS only.</summary>
public static class TlsUpgradeEndpointConventionBuilderExtensions
{
    /// <summary>
    /// Serves the endpoints only to requests that arrived over TLS, and answers others with <c>426 Upgrade Required</c>
    /// (RFC 2817 section 4.2).
    /// </summary>
    /// <typeparam name="TBuilder">The type of the builder.</typeparam>
    /// <param name="builder">An endpoint, a group of endpoints or whatever else takes conventions.</param>
    /// <returns>The <paramref name="builder"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is <see langword="null"/>.</exception>
    public static TBuilder RequireTlsUpgrade<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithMetadata(new RequireTlsUpgradeAttribute());
    }
}
