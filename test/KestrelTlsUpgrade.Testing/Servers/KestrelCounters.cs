using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace KestrelTlsUpgrade.Testing;

/// <summary>Kestrel's gauges of what is going on.</summary>
internal sealed class KestrelCounters : IDisposable
{
    private static readonly string[] Gauges =
        ["kestrel.active_connections", "kestrel.active_tls_handshakes", "kestrel.upgraded_connections", "kestrel.queued_connections"];

    private readonly MeterListener _listener = new();
    private readonly SemaphoreSlim _news = new(0);
    private readonly Dictionary<string, long> _values = [];
    private object? _scope;
    private bool _hasBegun;

    /// <summary>Whether there has been a connection.</summary>
    public bool HasBegun
    {
        get
        {
            lock (_values)
            {
                return _hasBegun;
            }
        }
    }

    public KestrelCounters()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (_scope is not null && Gauges.Contains(instrument.Name) && ReferenceEquals(instrument.Meter.Scope, _scope))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, _, _) =>
        {
            lock (_values)
            {
                _values[instrument.Name] = _values.GetValueOrDefault(instrument.Name) + value;
                _hasBegun = true;
            }

            _news.Release();
        });
    }

    /// <summary>Only the meters of one server: its meter factory is their scope.</summary>
    public void Observe(IServiceCollection services) => services.AddHostedService(provider =>
    {
        _scope = provider.GetRequiredService<IMeterFactory>();
        _listener.Start();
        return new Nothing();
    });

    public async Task AllEndedAsync()
    {
        using var timeout = new CancellationTokenSource(RawConnection.Patience);
        while (!HaveAllEnded())
        {
            await _news.WaitAsync(timeout.Token);
        }
    }

    public void Dispose() => _listener.Dispose();

    private bool HaveAllEnded()
    {
        lock (_values)
        {
            return _hasBegun && _values.Values.All(value => value == 0);
        }
    }

    private sealed class Nothing : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
