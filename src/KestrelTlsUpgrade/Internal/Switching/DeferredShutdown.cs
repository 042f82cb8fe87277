using Microsoft.AspNetCore.Connections.Features;

namespace KestrelTlsUpgrade.Internal.Switching;

/// <summary>
/// Holds back the news of a shutdown that came during the TLS handshake until the replayed request has been taken: Kestrel
/// would otherwise close the connection without an answer to a request that it had already said 101 to.
/// </summary>
internal sealed class DeferredShutdown(IConnectionLifetimeNotificationFeature inner)
    : IConnectionLifetimeNotificationFeature, IDisposable
{
    private readonly CancellationTokenSource _source = new();

    public CancellationToken ConnectionClosedRequested
    {
        get => _source.Token;
        set => throw new NotSupportedException();
    }

    public void RequestClose() => inner.RequestClose();

    public void Release() => _source.Cancel();

    public void Dispose() => _source.Dispose();
}
