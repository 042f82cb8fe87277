using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using KestrelTlsUpgrade.Client.Internal.Dialing;
using KestrelTlsUpgrade.Client.Internal.Factory;
using KestrelTlsUpgrade.Internal.Tasks;

namespace KestrelTlsUpgrade.Client.Internal.Sending;

/// <summary>
/// Upgrades the first connection to an origin ahead of the request. A refusal is then part of connecting, and not a failed request in
/// traces and metrics beside the one in clear text that succeeds.
/// </summary>
internal sealed class UpgradeProbe : IDisposable
{
    /// <summary>Not in the options of the requests: a connection may outlive its request, whose owner may then be using it.</summary>
    private readonly ConditionalWeakTable<HttpRequestMessage, Exception> _failures = new();

    private readonly ConcurrentDictionary<Origin, Lazy<Task>> _running = new();
    private readonly ParkedConnections _ready;
    private readonly HttpMessageInvoker _invoker;

    /// <param name="settings">The handler of the upgraded connections.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="connect">Dials and upgrades.</param>
    public UpgradeProbe(
        SocketsHttpHandler settings, TimeProvider timeProvider, Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>> connect)
    {
        _ready = new ParkedConnections(timeProvider);
        var handler = new SocketsHttpHandler();
        settings.CopyTo(handler);
        handler.ActivityHeadersPropagator = null;
        handler.Credentials = null;
        handler.MeterFactory = UnobservedMeters.Instance;
        handler.PlaintextStreamFilter = null;
        handler.UseCookies = false;
        handler.ConnectCallback = async (context, cancellationToken) =>
        {
            _ready.Park(Origin.Of(context.DnsEndPoint), await connect(context, cancellationToken).ConfigureAwait(false));
            return new HandoverStream();
        };
        _invoker = new HttpMessageInvoker(handler);
    }

    /// <summary>Upgrades a connection for the pool. Several requests wait for the same one.</summary>
    /// <param name="request">The request.</param>
    /// <param name="origin">Its origin.</param>
    /// <param name="isOwn">Whether this request has begun the connection, and not another one.</param>
    /// <returns>Fails with what the pool's connection would have failed with.</returns>
    public Task RunAsync(HttpRequestMessage request, Origin origin, out bool isOwn)
    {
        var own = new Lazy<Task>(() => ConnectAsync(request, origin));
        var running = _running.GetOrAdd(origin, own);
        isOwn = running == own;

        // The connection goes on if all of its requests are given up.
        running.Value.ObserveFailure();
        return running.Value;
    }

    /// <summary>Makes the connection of the request fail, so that the pool, its metrics and its traces report it.</summary>
    public void Fail(HttpRequestMessage request, Exception exception) => _failures.AddOrUpdate(request, exception);

    /// <summary>Takes that back.</summary>
    public void Forgive(HttpRequestMessage request) => _failures.Remove(request);

    /// <summary>Takes a connection that was upgraded for the pool.</summary>
    public bool TryTake(SocketsHttpConnectionContext context, [NotNullWhen(true)] out Stream? stream)
    {
        if (_failures.TryGetValue(context.InitialRequestMessage, out var failure) && _failures.Remove(context.InitialRequestMessage))
        {
            throw failure;
        }

        stream = _ready.TryTake(Origin.Of(context.DnsEndPoint));
        return stream is not null;
    }

    public void Dispose()
    {
        _invoker.Dispose();
        _ready.Dispose();
    }

    /// <summary>Goes on if the request is given up: others may wait for it.</summary>
    private async Task ConnectAsync(HttpRequestMessage request, Origin origin)
    {
        try
        {
            using var probe = new HttpRequestMessage(HttpMethod.Get, request.RequestUri);
            foreach (var (key, value) in request.Options)
            {
                // The application's connect callback may look at them.
                ((IDictionary<string, object?>)probe.Options)[key] = value;
            }

            (await _invoker.SendAsync(probe, CancellationToken.None).ConfigureAwait(false)).Dispose();
        }
        finally
        {
            _running.TryRemove(origin, out _);
        }
    }
}
