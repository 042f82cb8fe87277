using KestrelTlsUpgrade;
using KestrelTlsUpgrade.Connections.Hosting;
using KestrelTlsUpgrade.Internal.Endpoints;
using KestrelTlsUpgrade.Internal.Health;
using KestrelTlsUpgrade.Internal.Telemetry;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Extension methods that add a health check for upgrade endpoints.</summary>
public static class TlsUpgradeHealthChecksBuilderExtensions
{
    private static readonly string[] DefaultTags = ["ready"];

    /// <summary>Adds a health check for the endpoints that upgrade connections to TLS (RFC 2817).</summary>
    /// <param name="builder">The health checks builder.</param>
    /// <param name="name">The name of the check.</param>
    /// <param name="failureStatus">
    /// The status to report if the check fails. <see langword="null"/> means <see cref="HealthStatus.Unhealthy"/>.
    /// </param>
    /// <param name="tags">
    /// Tags to filter health checks. <see langword="null"/> means <c>ready</c>: the check is one of readiness. A restart mends nothing that
    /// it reports, so do not use it for liveness.
    /// </param>
    /// <param name="timeout">The timeout of the check, or <see langword="null"/> for none.</param>
    /// <param name="configureOptions">Sets the thresholds of the check.</param>
    /// <returns>The <paramref name="builder"/>.</returns>
    /// <remarks>
    /// Fails if a certificate is not valid or the application has no upgrade endpoint. Degraded if a certificate is about to expire, if an
    /// endpoint could not apply changed settings or a renewed certificate and keeps the previous ones, or if too many TLS handshakes of too
    /// many callers failed in the last five minutes. Invalid options fail start-up with an <see cref="OptionsValidationException"/>.
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
        services.TryAddSingleton(ServerClock.System);
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
                provider.GetRequiredService<ServerClock>()),
            failureStatus,
            tags ?? DefaultTags,
            timeout));
    }
}
