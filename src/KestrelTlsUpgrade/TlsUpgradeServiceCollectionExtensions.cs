using KestrelTlsUpgrade;
using KestrelTlsUpgrade.Internal.Hosting;
using KestrelTlsUpgrade.Internal.Http;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Extension methods that add the HTTP part of TLS upgrade.</summary>
public static class TlsUpgradeServiceCollectionExtensions
{
    /// <summary>
    /// Adds what <c>ListenOptions.UseTlsUpgrade()</c> needs in the HTTP pipeline: upgrades on later requests of a connection,
    /// the answer to <c>OPTIONS *</c>, and <see cref="RequireTlsUpgradeAttribute"/>. Calling it again changes nothing.
    /// </summary>
    /// <param name="services">The application's services.</param>
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
        services.AddSingleton<TlsUpgradeEndpoints>();
        services.AddSingleton<TlsBranchServer>();
        services.AddSingleton<TlsUpgradeOptionsFactory>();
        services.AddSingleton<IValidateOptions<TlsUpgradeOptions>, TlsUpgradeOptionsValidator>();
        services.AddSingleton(static provider => new DevelopmentCertificate(
            provider.GetService<TimeProvider>() ?? TimeProvider.System, provider.GetRequiredService<ILogger<DevelopmentCertificate>>()));
        services.AddHostedService<SharedNameCheck>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<MatcherPolicy, RequireTlsUpgradeMatcherPolicy>());
        services.TryAddEnumerable(ServiceDescriptor.Transient<IApiDescriptionProvider, UpgradeRequiredDescription>());

        // First of all: forwarded headers, for one, must not have been worked off before the upgrade has seen them.
        services.Insert(0, ServiceDescriptor.Singleton<IStartupFilter, TlsUpgradeStartupFilter>());
        return services;
    }
}
