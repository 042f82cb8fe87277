using KestrelTlsUpgrade.Internal.Endpoints;
using KestrelTlsUpgrade.Internal.Telemetry;
using KestrelTlsUpgrade.Report.Internal;
using KestrelTlsUpgrade.Report.Internal.Collecting;
using KestrelTlsUpgrade.Report.Internal.Content;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Extension methods that add the report of plaintext and TLS.</summary>
public static class TlsUpgradeReportServiceCollectionExtensions
{
    /// <summary>
    /// Adds what <c>MapTlsUpgradeReport()</c> needs, and <c>AddTlsUpgrade()</c> if it has not been called. Nothing is collected until a
    /// report is mapped. Calling it again changes nothing.
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

        services.AddSingleton(static provider => new ReportCollector(provider.GetServerTime()));
        services.AddSingleton<ITlsUpgradeObserver>(static provider => provider.GetRequiredService<ReportCollector>());
        services.AddSingleton(static provider => new ReportSource(
            provider.GetRequiredService<ReportCollector>(), provider.GetRequiredService<TlsUpgradeEndpoints>(), provider.GetServerTime()));
        services.AddSingleton<ReportEndpoint>();
        services.AddHostedService<ReportLifetime>();
        return services;
    }
}
