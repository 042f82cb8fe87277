using KestrelTlsUpgrade.Internal.Endpoints;
using KestrelTlsUpgrade.Internal.Telemetry;
using KestrelTlsUpgrade.Report;
using KestrelTlsUpgrade.Report.Internal;
using KestrelTlsUpgrade.Report.Internal.Collecting;
using KestrelTlsUpgrade.Report.Internal.Content;
using KestrelTlsUpgrade.Report.Internal.Keeping;
using KestrelTlsUpgrade.Report.Internal.Settings;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Extension methods that add the report of plaintext and TLS.</summary>
public static class TlsUpgradeReportServiceCollectionExtensions
{
    /// <summary>
    /// Adds what <c>MapTlsUpgradeReport()</c> needs, and <c>AddTlsUpgrade()</c> if it has not been called. Nothing is collected until a
    /// report is mapped. Calling it again changes nothing. Settings are read from the configuration section <c>TlsUpgradeReport</c>, once;
    /// a setting that is unknown or invalid fails the start.
    /// </summary>
    /// <param name="services">The application's services.</param>
    /// <returns>The <paramref name="services"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> is <see langword="null"/>.</exception>
    public static IServiceCollection AddTlsUpgradeReport(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddTlsUpgrade();
        if (services.Any(static service => service.ServiceType == typeof(ReportEndpoint)))
        {
            return services;
        }

        // Inserted first, so that code overrides the configuration, whether it comes before or after this call.
        services.Insert(0, ServiceDescriptor.Singleton<IConfigureOptions<TlsUpgradeReportOptions>, ReportSection>());
        services.AddSingleton<IValidateOptions<TlsUpgradeReportOptions>, ReportOptionsValidator>();
        services.AddSingleton<AddressAccess>();
        services.AddSingleton(static provider => CreateCollector(provider, provider.GetRequiredService<IOptions<TlsUpgradeReportOptions>>().Value));
        services.AddSingleton<ITlsUpgradeObserver>(static provider => provider.GetRequiredService<ReportCollector>());
        services.AddSingleton(static provider => new ReportSource(
            provider.GetRequiredService<ReportCollector>(), provider.GetRequiredService<TlsUpgradeEndpoints>(), provider.GetServerTime()));
        services.AddSingleton<ReportEndpoint>();
        services.AddSingleton<ReportKeeper>();
        services.AddHostedService<ReportLifetime>();
        services.AddHostedService(static provider => provider.GetRequiredService<ReportKeeper>());
        return services;
    }

    /// <inheritdoc cref="AddTlsUpgradeReport(IServiceCollection)"/>
    /// <param name="services">The application's services.</param>
    /// <param name="configureOptions">Sets the options, after those of the configuration section <c>TlsUpgradeReport</c>.</param>
    /// <exception cref="ArgumentNullException">An argument is <see langword="null"/>.</exception>
    public static IServiceCollection AddTlsUpgradeReport(this IServiceCollection services, Action<TlsUpgradeReportOptions> configureOptions)
    {
        ArgumentNullException.ThrowIfNull(configureOptions);
        return services.AddTlsUpgradeReport().Configure(configureOptions);
    }

    private static ReportCollector CreateCollector(IServiceProvider provider, TlsUpgradeReportOptions options) => new(
        provider.GetServerTime(),
        new ExpectedCallers(options.ExpectedProducts, options.ExpectedNetworks),
        keepsAddresses: options.AddressPolicy is not null);
}
