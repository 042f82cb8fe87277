using KestrelTlsUpgrade.Connections.Hosting;
using KestrelTlsUpgrade.Internal.Certificates;
using KestrelTlsUpgrade.Internal.Endpoints;
using KestrelTlsUpgrade.Internal.Telemetry;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.Internal.Settings;

/// <summary>
/// Checks every second whether the settings or certificate files of an endpoint have changed, and applies changes to new connections. The
/// configuration is read when its token has fired. Certificate files are compared by content instead of relying on events: file systems do
/// not report every way of renewing certificates, in particular through links and over a network.
/// </summary>
internal sealed class SettingsWatch(
    IServer server, TlsUpgradeEndpoints endpoints, CertificateFiles files, ServerClock clock, ILoggerFactory loggers)
    : LifecycleService, IDisposable
{
    private readonly ILogger _logger = loggers.CreateLogger(LogCategories.Settings);

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly Dictionary<IUpgradeEndpoint, SettingsRenewal> _renewals = [];
    private readonly SharedFailures _failures = new(clock.TimeProvider);
    private readonly Lock _lock = new();
    private readonly UnreadConfigurationLog _unread = new(clock.TimeProvider, loggers.CreateLogger(LogCategories.Settings));
    private HashSet<string>? _addresses;
    private ITimer? _timer;

    public override Task StartedAsync(CancellationToken cancellationToken)
    {
        // Every endpoint is bound by now, and recorded as such from here on.
        Check();
        _timer = clock.TimeProvider.CreateTimer(static watch => ((SettingsWatch)watch!).Check(), this, Period, Period);
        return Task.CompletedTask;
    }

    public override async Task StoppingAsync(CancellationToken cancellationToken)
    {
        if (_timer is not null)
        {
            // Waits for a running check.
            await _timer.DisposeAsync();
        }
    }

    public void Dispose() => _timer?.Dispose();

    private void Check()
    {
        // A check that takes longer than the period is not overlapped by the next.
        if (_lock.TryEnter())
        {
            try
            {
                files.BeginLook();
                CheckAll();
            }
            catch (OperationCanceledException)
            {
                // The host is stopping, and waits for no file.
            }
            finally
            {
                _lock.Exit();
            }
        }
    }

    private void CheckAll()
    {
        var addresses = server.Features.Get<IServerAddressesFeature>()?.Addresses.ToHashSet() ?? [];
        var upgradable = endpoints.Upgradable;
        foreach (var gone in _renewals.Keys.Except(upgradable).ToArray())
        {
            _renewals.Remove(gone);
        }

        foreach (var endpoint in upgradable)
        {
            if (!_renewals.TryGetValue(endpoint, out var renewal))
            {
                _renewals[endpoint] = renewal = new SettingsRenewal(endpoint, _failures, clock.TimeProvider, _logger);
            }

            if (renewal.IsStopped(addresses))
            {
                endpoints.RemoveUpgradable(endpoint);
            }
            else if (renewal.Check())
            {
                endpoints.OnChanged(endpoint);
            }
        }

        _unread.Write(upgradable.SelectMany(static endpoint => endpoint.Unread));
        var hasChanged = _addresses is not null && !_addresses.SetEquals(addresses);
        _addresses = addresses;
        if (hasChanged)
        {
            endpoints.OnChanged(null);
        }
    }
}
