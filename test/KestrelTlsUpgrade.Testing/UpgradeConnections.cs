using KestrelTlsUpgrade.Connections;
using KestrelTlsUpgrade.Internal.Middleware;
using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Internal.Settings;
using KestrelTlsUpgrade.Internal.Telemetry;
using KestrelTlsUpgrade.Internal.Tls;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging.Abstractions;

namespace KestrelTlsUpgrade.Testing;

/// <summary>Connections of upgrade endpoints that have no TLS.</summary>
internal static class UpgradeConnections
{
    public static ClientRules DefaultRules { get; } = new(TlsUpgradeClientMode.Compatible, DirectTlsMode.Http2Only, false);

    public static UpgradeConnection Create(
        ConnectionContext? context = null,
        UpgradePolicy? policy = null,
        ClientRules? rules = null,
        TimeProvider? timeProvider = null,
        ActiveSettings? active = null)
    {
        var settings = CreateSettings(policy, rules, timeProvider);
        return new(
            context ?? new DefaultConnectionContext("test"),
            active ?? CreateActive(settings),
            active?.Current ?? settings,
            static _ => Task.CompletedTask);
    }

    public static ActiveSettings CreateActive(SettingsSnapshot settings)
    {
        var active = new ActiveSettings();
        active.Set(settings);
        return active;
    }

    public static SettingsSnapshot CreateSettings(UpgradePolicy? policy = null, ClientRules? rules = null, TimeProvider? timeProvider = null, TlsUpgradeOptions? options = null) => new()
    {
        Options = options ?? new TlsUpgradeOptions(),
        Policy = policy ?? Policies.Default,
        Rules = rules ?? DefaultRules,
        Services = new ConnectionServices(
            new TlsUpgradeObservers([]),
            new CallerLogLimiter(timeProvider ?? TimeProvider.System),
            new(timeProvider ?? TimeProvider.System),
            NullLoggerFactory.Instance),
    };
}
