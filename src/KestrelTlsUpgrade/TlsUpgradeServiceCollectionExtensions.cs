using KestrelTlsUpgrade;
using KestrelTlsUpgrade.Connections.Hosting;
using KestrelTlsUpgrade.Connections;
using KestrelTlsUpgrade.Internal.Certificates;
using KestrelTlsUpgrade.Internal.Certificates.SharedNames;
using KestrelTlsUpgrade.Internal.Endpoints;
using KestrelTlsUpgrade.Internal.Fallback;
using KestrelTlsUpgrade.Internal.Middleware;
using KestrelTlsUpgrade.Internal.Requiring;
using KestrelTlsUpgrade.Internal.Requiring.Attributes;
using KestrelTlsUpgrade.Internal.Settings;
using KestrelTlsUpgrade.Internal.Telemetry;
using KestrelTlsUpgrade.Internal.Tls;
using KestrelTlsUpgrade.Internal.Upgrading;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.HttpLogging;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Extension methods that add the services of the TLS upgrade.</summary>
public static class TlsUpgradeServiceCollectionExtensions
{
    /// <summary>
    /// Adds the services that <c>ListenOptions.UseTlsUpgrade()</c> needs in the HTTP pipeline: upgrades on later requests of a connection,
    /// the answer to <c>OPTIONS *</c>, and <see cref="RequireTlsUpgradeAttribute"/>. Repeated calls have no effect. Settings are read from
    /// the configuration sections <c>TlsUpgrade</c> and <c>Kestrel:Endpoints:{name}:TlsUpgrade</c>, and then from code. Changed
    /// configuration and renewed certificate files are applied while the server runs.
    /// </summary>
    /// <param name="services">The service collection.</param>
    /// <returns>The <paramref name="services"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> is <see langword="null"/>.</exception>
    public static IServiceCollection AddTlsUpgrade(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        if (services.Any(static service => service.ServiceType == typeof(TlsUpgradeEndpoints)))
        {
            return services;
        }

        services.AddOptions();
        services.AddMetrics();

        // Inserted first, so that code overrides the configuration, whether it comes before or after this call.
        services.Insert(0, ServiceDescriptor.Singleton<IConfigureOptions<TlsUpgradeOptions>, OptionsLayers.ConfiguredDefaults>());
        services.AddSingleton<IPostConfigureOptions<KestrelServerOptions>, UnlistedEndpointSections.Restoring>();
        services.AddSingleton<TlsUpgradeEndpoints>();
        services.AddSingleton<TlsBranchFactory>();
        services.AddSingleton<DetachedWork>();
        services.AddSingleton<CertificateFiles>();
        services.AddSingleton<SharedCertificates>();
        services.AddSingleton<CertificateLoader>();
        services.AddSingleton<CertificateChains>();
        services.AddSingleton<PresentedCertificates>();
        services.AddSingleton<CertificateSources>();
        services.AddSingleton<OptionsLayers>();
        services.AddSingleton<SettingsLoader>();
        services.AddSingleton<ConnectionServices>();
        services.AddSingleton<SettingsWarnings>();
        services.AddSingleton<IValidateOptions<TlsUpgradeOptions>, TlsUpgradeOptionsValidator>();
        services.TryAddSingleton(ServerClock.System);
        services.AddSingleton(static provider => new CallerLogLimiter(provider.GetServerTime()));
        services.AddSingleton<DevelopmentCertificate>();
        services.AddSingleton<TlsUpgradeObservers>();
        services.AddSingleton<ITlsUpgradeObserver, TlsUpgradeMetrics>();
        services.AddSingleton<ITlsUpgradeObserver, RequestLog>();
        services.AddSingleton<ITlsUpgradeObserver, FallbackLog>();
        services.AddSingleton<FallbackMemories>();
        services.AddSingleton<RequestTelemetry>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHttpLoggingInterceptor, HttpLoggingInterceptor>());
        services.TryAddSingleton(ServersInProcess.Shared);
        services.AddSingleton<IStartupFilter, EndpointPreparation>();
        services.AddSingleton<ForwardedScheme>();
        services.AddSingleton<ClientSchemeCheck>();
        services.AddHostedService(static provider => provider.GetRequiredService<ClientSchemeCheck>());
        services.AddHostedService<SharedNameCheck>();
        services.AddHostedService<EndpointSectionCheck>();
        services.AddHostedService<CertificateExpiryCheck>();
        services.AddHostedService<KeyTypeHint>();
        services.AddHostedService<SettingsWatch>();
        services.AddHostedService<AttributeCheck>();
        services.TryAddSingleton(ApplicationAssemblies.InProcess);
        services.AddSingleton<CircuitRequirement>();
        services.AddSingleton<HostRequirement>();
        services.AddSingleton<RequirementInForce>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<MatcherPolicy, RequireTlsUpgradeMatcherPolicy>());
        services.TryAddEnumerable(ServiceDescriptor.Transient<IApiDescriptionProvider, UpgradeRequiredApiDescriptionProvider>());

        // Inserted first: the upgrade must see a request before its forwarded headers are applied, for example.
        services.Insert(0, ServiceDescriptor.Singleton<IStartupFilter, TlsUpgradeStartupFilter>());
        return services;
    }

    /// <inheritdoc cref="AddTlsUpgrade(IServiceCollection)"/>
    /// <param name="services">The service collection.</param>
    /// <param name="configureOptions">
    /// Sets the options of every endpoint, after those of the configuration. An endpoint's own code overrides them. Called when an endpoint
    /// is bound, and again when the configuration or a certificate file has changed.
    /// </param>
    /// <exception cref="ArgumentNullException">An argument is <see langword="null"/>.</exception>
    public static IServiceCollection AddTlsUpgrade(this IServiceCollection services, Action<TlsUpgradeOptions> configureOptions)
    {
        ArgumentNullException.ThrowIfNull(configureOptions);
        return services.AddTlsUpgrade().Configure(configureOptions);
    }
}
