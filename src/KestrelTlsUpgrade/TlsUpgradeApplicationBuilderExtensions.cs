using KestrelTlsUpgrade.Internal.Endpoints;
using KestrelTlsUpgrade.Internal.Requiring;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Extension methods that make an application, or a branch of it, reachable over TLS only.</summary>
public static class TlsUpgradeApplicationBuilderExtensions
{
    /// <summary>
    /// Answers every request in clear text that gets to this place in the pipeline with <c>426 Upgrade Required</c>
    /// (RFC 2817 section 4.2), for what is not an endpoint: static files, proxies, a branch or all of the application.
    /// </summary>
    /// <remarks>
    /// It takes effect from where it stands, so it comes first. An endpoint that was selected before it, and whose nearest
    /// metadata says <c>Required = false</c>, is let through. <c>OPTIONS *</c> is answered with <c>200 OK</c>.
    /// </remarks>
    /// <param name="app">The application, or a branch of it.</param>
    /// <returns>The <paramref name="app"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="app"/> is <see langword="null"/>.</exception>
    /// <exception cref="InvalidOperationException"><c>AddTlsUpgrade()</c> has not been called.</exception>
    public static IApplicationBuilder RequireTlsUpgrade(this IApplicationBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);
        if (app.ApplicationServices.GetService<TlsUpgradeEndpoints>() is null)
        {
            throw new InvalidOperationException(
                "RequireTlsUpgrade() needs the services of the upgrade. "
                + "Call builder.Services.AddTlsUpgrade() or builder.WebHost.UseTlsUpgrade().");
        }

        return app.UseMiddleware<TlsUpgradeRequiredMiddleware>();
    }
}
