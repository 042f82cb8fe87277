using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace KestrelTlsUpgrade.Tests.Support;

internal sealed class FakeConnectionCount : IDecrementConcurrentConnectionCountFeature
{
    public int Released { get; private set; }

    public void ReleaseConnection() => Released++;
}
