using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace KestrelTlsUpgrade.Testing;

/// <summary>Sits in front of the middleware and watches what is left on the connection.</summary>
internal sealed class ConnectionProbe : IConnectionHeartbeatFeature, IDisposable
{
    private readonly TaskCompletionSource<KeyValuePair<string, object?>[]> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _beat = new(0);
    private IConnectionHeartbeatFeature? _inner;
    private int _registrations;

    public int HeartbeatRegistrations => _registrations;

    public Task HeartbeatAsync() => _beat.WaitAsync(RawConnection.Patience);

    public Task<KeyValuePair<string, object?>[]> EndAsync() => _end.Task.WaitAsync(RawConnection.Patience);

    public void Dispose() => _beat.Dispose();

    public void Attach(ListenOptions endpoint) => endpoint.Use(next => async context =>
    {
        _inner = context.Features.Get<IConnectionHeartbeatFeature>();
        _inner!.OnHeartbeat(_ => _beat.Release(), this);
        context.Features.Set<IConnectionHeartbeatFeature>(this);
        await next(context);
        _end.TrySetResult(context.Features.Get<IConnectionMetricsTagsFeature>()?.Tags.ToArray() ?? []);
    });

    public void OnHeartbeat(Action<object> action, object state)
    {
        Interlocked.Increment(ref _registrations);
        _inner!.OnHeartbeat(action, state);
    }
}
