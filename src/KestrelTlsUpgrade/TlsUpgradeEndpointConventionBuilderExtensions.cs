using KestrelTlsUpgrade;
using Microsoft.AspNetCore.Mvc.Abstractions;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Extension methods that make endpoints available over TLS only.</summary>
public static class TlsUpgradeEndpointConventionBuilderExtensions
{
    /// <summary>
    /// Serves the endpoints only to requests that arrived over TLS. Other requests are answered with <c>426 Upgrade Required</c> (RFC 2817
    /// section 4.2).
    /// </summary>
    /// <typeparam name="TBuilder">The type of the builder.</typeparam>
    /// <param name="builder">An endpoint, a group of endpoints, or another convention builder.</param>
    /// <returns>The <paramref name="builder"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is <see langword="null"/>.</exception>
    public static TBuilder RequireTlsUpgrade<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => Require(builder, static () => new() { IsFromConvention = true });

    /// <summary>
    /// Requires TLS for the endpoints, and says what happens to plaintext requests for them, whatever
    /// <see cref="TlsUpgradeOptions.Requirement"/> says.
    /// </summary>
    /// <typeparam name="TBuilder">The type of the builder.</typeparam>
    /// <param name="builder">An endpoint, a group of endpoints, or another convention builder.</param>
    /// <param name="requirement">Whether plaintext requests are refused, or served and reported.</param>
    /// <returns>The <paramref name="builder"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="requirement"/> is not a known value.</exception>
    public static TBuilder RequireTlsUpgrade<TBuilder>(this TBuilder builder, TlsUpgradeRequirement requirement)
        where TBuilder : IEndpointConventionBuilder
    {
        if (!Enum.IsDefined(requirement))
        {
            throw new ArgumentOutOfRangeException(nameof(requirement), requirement, "The value is not known.");
        }

        return Require(builder, () => new() { Requirement = requirement, IsFromConvention = true });
    }

    private static TBuilder Require<TBuilder>(TBuilder builder, Func<RequireTlsUpgradeAttribute> create)
        where TBuilder : IEndpointConventionBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Add(endpoint => endpoint.Metadata.Insert(FindPlace(endpoint.Metadata), create()));
        return builder;
    }

    /// <summary>Conventions of all controllers or pages are applied last, but must not override the attributes of a single one.</summary>
    private static int FindPlace(IList<object> metadata)
    {
        if (metadata.OfType<ActionDescriptor>().FirstOrDefault() is { } action)
        {
            for (var i = 0; i < metadata.Count; i++)
            {
                if (action.EndpointMetadata?.Contains(metadata[i]) is true)
                {
                    return i;
                }
            }
        }

        return metadata.Count;
    }
}
