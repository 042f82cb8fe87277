using KestrelTlsUpgrade;
using KestrelTlsUpgrade.Internal.Endpoints;
using KestrelTlsUpgrade.Internal.Health;
using KestrelTlsUpgrade.Internal.Telemetry;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Extension methods that add a health check of the upgrade endpoints.</summary>
public static class TlsUpgradeHealthChecksBuilderExtensions
{
    /// <summary>Adds a health check of the endpoints that upgrade connections to TLS (RFC 2817).</summary>
    /// <param name="builder">The health checks.</param>
    /// <param name="name">The name of the check.</param>
    /// <param name="failureStatus">
    /// What is reported where the check fails; <see cref="HealthStatus.Unhealthy"/> if it is <see langword="null"/>.
    /// </param>
    /// <param name="tags">Tags to select checks by.</param>
    /// <param name="timeout">How long the check may take; without a limit if it is <see langword="null"/>.</param>
    /// <param name="configureOptions">Sets the limits beyond which the check reports a problem.</param>
    /// <returns>The <paramref name="builder"/>.</returns>
    /// <remarks>
    /// It fails where a certificate is out of date, or where nothing upgrades at all. It is degraded where a certificate is about to
    /// expire, where an endpoint could not take up changed settings or a renewed certificate and goes on with those from before, and
    /// where too many TLS handshakes of the last five minutes failed. Options that make no sense fail the start with an
    /// <see cref="OptionsValidationException"/>.
    /// </remarks>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> or <paramref name="name"/> is <see langword="null"/>.</exception>
    public static IHealthChecksBuilder AddTlsUpgrade(
        this IHealthChecksBuilder builder,
        string name = "tls_upgrade",
        HealthStatus? failureStatus = null,
        IEnumerable<string>? tags = null,
        TimeSpan? timeout = null,
        Action<TlsUpgradeHealthCheckOptions>? configureOptions = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(name);
        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<HandshakeTally>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ITlsUpgradeObserver, HandshakeTally>(
            static provider => provider.GetRequiredService<HandshakeTally>()));
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IValidateOptions<TlsUpgradeHealthCheckOptions>, TlsUpgradeHealthCheckOptionsValidator>());
        services.AddOptions<TlsUpgradeHealthCheckOptions>(name).Configure(configureOptions ?? (static _ => { })).ValidateOnStart();
        return builder.Add(new(
            name,
            provider => new TlsUpgradeHealthCheck(
                provider.GetService<TlsUpgradeEndpoints>(),
                provider.GetRequiredService<HandshakeTally>(),
                provider.GetRequiredService<IOptionsMonitor<TlsUpgradeHealthCheckOptions>>().Get(name),
                provider.GetRequiredService<TimeProvider>()),
            failureStatus,
            tags,
            timeout));
    }
}
