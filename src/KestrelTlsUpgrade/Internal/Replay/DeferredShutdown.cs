using Microsoft.AspNetCore.Connections.Features;

namespace KestrelTlsUpgrade.Internal.Replay;

/// <summary>
/// Holds back the news of a shutdown until the replayed request has been taken: Kestrel would otherwise close the connection
/// without an answer to a request that it had already said 101 to.
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

    /// <summary>Passes the news on from here on, at once if there are any.</summary>
    public void Release() => _registration = inner.ConnectionClosedRequested.UnsafeRegister(
        static source => ((CancellationTokenSource)source!).Cancel(), _source);

    public void Dispose()
    {
        _registration.Dispose();
        _source.Dispose();
    }
}
