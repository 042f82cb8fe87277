using Microsoft.AspNetCore.Connections.Features;

namespace KestrelTlsUpgrade.Internal.Replay;

/// <summary>
/// Delays a shutdown notification until the replayed request has been read. Otherwise Kestrel would close the connection without responding
/// to a request that has already received its 101.
/// </summary>
internal sealed class DeferredShutdown(IConnectionLifetimeNotificationFeature inner)
    : IConnectionLifetimeNotificationFeature, IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private CancellationTokenRegistration _registration;

    public CancellationToken ConnectionClosedRequested
    {
        get => _source.Token;
        set => throw new NotSupportedException();
    }

    public void RequestClose() => inner.RequestClose();

    /// <summary>Forwards the notification from now on, immediately if it has already been raised.</summary>
    public void Release() => _registration = inner.ConnectionClosedRequested.UnsafeRegister(
        static source => ((CancellationTokenSource)source!).Cancel(), _source);

    public void Dispose()
    {
        _registration.Dispose();
        _source.Dispose();
    }
}
