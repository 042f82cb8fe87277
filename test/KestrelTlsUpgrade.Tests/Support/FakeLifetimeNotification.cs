using Microsoft.AspNetCore.Connections.Features;

namespace KestrelTlsUpgrade.Tests.Support;

internal sealed class FakeLifetimeNotification(CancellationTokenSource source) : IConnectionLifetimeNotificationFeature
{
    public CancellationToken ConnectionClosedRequested
    {
        get => source.Token;
        set => throw new NotSupportedException();
    }

    public void RequestClose() => source.Cancel();
}
