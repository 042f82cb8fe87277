using KestrelTlsUpgrade;
using KestrelTlsUpgrade.Connections.Hosting;
using KestrelTlsUpgrade.Internal.Endpoints;
using KestrelTlsUpgrade.Internal.Settings;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Microsoft.AspNetCore.Hosting;

/// <summary>Extension methods that let all plaintext endpoints of a host switch to TLS in place (RFC 2817).</summary>
public static class WebHostBuilderTlsUpgradeExtensions
{
    /// <summary>
    /// Lets every plaintext HTTP/1.1 endpoint upgrade connections to TLS, whether it comes from <c>--urls</c>, configuration or code.
    /// Endpoints that use HTTPS, or only HTTP/2, are not changed.
    /// </summary>
    /// <param name="builder">The host builder.</param>
    /// <returns>The <paramref name="builder"/>.</returns>
    /// <remarks>
    /// Uses Kestrel's endpoint defaults. An application that calls <c>ConfigureEndpointDefaults</c> itself replaces them and must call
    /// <c>listenOptions.UseTlsUpgrade()</c> there; otherwise start-up fails with an exception that says so. Start-up also fails without a
    /// certificate, except in Development, where a self-signed one is created. Settings are read from the configuration section
    /// <c>TlsUpgrade</c> and, for a single endpoint, <c>Kestrel:Endpoints:{name}:TlsUpgrade</c>. Kestrel does not see the
    /// latter, because it would restart the endpoint when they change.
    /// </remarks>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is <see langword="null"/>.</exception>
    public static IWebHostBuilder UseTlsUpgrade(this IWebHostBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.UseKestrelHttpsConfiguration();
        return builder.ConfigureServices(static (context, services) =>
        {
            services.AddTlsUpgrade();
            services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, PlaintextEndpointCheck>());
            EndpointDefaults.Add(
                services, static endpoint => TlsUpgradeEndpoint.Add(endpoint, configure: null, isExplicit: false), isOutermost: true);
            services.Insert(0, ServiceDescriptor.Singleton<IConfigureOptions<KestrelServerOptions>>(new UnlistedEndpointSections.Showing(context)));
        });
    }

    /// <inheritdoc cref="UseTlsUpgrade(IWebHostBuilder)"/>
    /// <param name="builder">The host builder.</param>
    /// <param name="configureOptions">
    /// Sets the options of every endpoint, after those of the configuration. An endpoint's own code overrides them. Called when an endpoint
    /// is bound, and again when the configuration or a certificate file has changed.
    /// </param>
    /// <exception cref="ArgumentNullException">An argument is <see langword="null"/>.</exception>
    public static IWebHostBuilder UseTlsUpgrade(this IWebHostBuilder builder, Action<TlsUpgradeOptions> configureOptions)
    {
        ArgumentNullException.ThrowIfNull(configureOptions);
        return builder.UseTlsUpgrade().ConfigureServices(services => services.Configure(configureOptions));
    }
}
