using KestrelTlsUpgrade;
using KestrelTlsUpgrade.Internal.Endpoints;
using KestrelTlsUpgrade.Internal.Requiring;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Extension methods that make an application, or a branch of it, available over TLS only.</summary>
public static class TlsUpgradeApplicationBuilderExtensions
{
    /// <summary>
    /// Answers every plaintext request that reaches this middleware with <c>426 Upgrade Required</c> (RFC 2817 section 4.2). Use it for
    /// anything that is not an endpoint: static files, proxies, a branch or the whole application.
    /// </summary>
    /// <remarks>
    /// Affects only middleware that is added later, so add it first. If an endpoint has already been selected, and its most specific
    /// metadata has <c>Required = false</c>, the request passes. <c>OPTIONS *</c> is answered with <c>200 OK</c>. Where
    /// <see cref="TlsUpgradeOptions.Requirement"/> is <see cref="TlsUpgradeRequirement.ReportOnly"/>, requests are served and reported.
    /// </remarks>
    /// <param name="app">The application, or a branch of it.</param>
    /// <returns>The <paramref name="app"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="app"/> is <see langword="null"/>.</exception>
    /// <exception cref="InvalidOperationException"><c>AddTlsUpgrade()</c> has not been called.</exception>
    public static IApplicationBuilder RequireTlsUpgrade(this IApplicationBuilder app) => Require(app, requirement: null);

    /// <summary>
    /// Requires TLS for everything behind this middleware, and says what happens to plaintext requests for it, whatever
    /// <see cref="TlsUpgradeOptions.Requirement"/> says. Use it for anything that is not an endpoint: static files, proxies, a branch or the
    /// whole application.
    /// </summary>
    /// <remarks>
    /// Affects only middleware that is added later, so add it first. If an endpoint has already been selected, what its most specific
    /// metadata says overrides <paramref name="requirement"/>: with <c>Required = false</c>, the request passes. If the requirement is
    /// enforced, <c>OPTIONS *</c> is answered with <c>200 OK</c>.
    /// </remarks>
    /// <param name="app">The application, or a branch of it.</param>
    /// <param name="requirement">Whether plaintext requests are refused, or served and reported.</param>
    /// <returns>The <paramref name="app"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="app"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="requirement"/> is not a known value.</exception>
    /// <exception cref="InvalidOperationException"><c>AddTlsUpgrade()</c> has not been called.</exception>
    public static IApplicationBuilder RequireTlsUpgrade(this IApplicationBuilder app, TlsUpgradeRequirement requirement)
    {
        if (!Enum.IsDefined(requirement))
        {
            throw new ArgumentOutOfRangeException(nameof(requirement), requirement, "The value is not known.");
        }

        return Require(app, requirement);
    }

    private static IApplicationBuilder Require(IApplicationBuilder app, TlsUpgradeRequirement? requirement)
    {
        ArgumentNullException.ThrowIfNull(app);
        var services = app.ApplicationServices;
        if (services.GetService<TlsUpgradeEndpoints>() is null)
        {
            throw new InvalidOperationException(
                "RequireTlsUpgrade() requires the services of the upgrade. "
                + "Call builder.Services.AddTlsUpgrade() or builder.WebHost.UseTlsUpgrade().");
        }

        services.GetRequiredService<ClientSchemeCheck>().IsMiddlewareUsed = true;
        return app.Use(next =>
            new TlsUpgradeRequiredMiddleware(next, services.GetRequiredService<RequirementInForce>(), requirement).InvokeAsync);
    }
}
