using System.Net;
using KestrelTlsUpgrade.Internal.Middleware;
using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Internal.Plaintext;
using KestrelTlsUpgrade.Testing;
using KestrelTlsUpgrade.Tests.Support;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace KestrelTlsUpgrade.Tests.Plaintext;

public sealed class PlaintextConnectionTests : IAsyncDisposable
{
    private static readonly UpgradeRequest Upgrade = new(UpgradeToken.Tls12, "a.test", default, isFirst: false);

    private readonly TestConnection _inner = new();
    private readonly FakeConnectionCount _count = new();
    private readonly PlaintextConnection _phase;

    public PlaintextConnectionTests()
    {
        _inner.Context.Features.Set<IDecrementConcurrentConnectionCountFeature>(_count);
        _phase = new PlaintextConnection(UpgradeConnections.Create(_inner.Context));
    }

    public ValueTask DisposeAsync() => _phase.DisposeAsync();

    [Fact]
    public void Constructor_Connection_LooksLikeIt()
    {
        _inner.Context.LocalEndPoint = new IPEndPoint(IPAddress.Loopback, 1);
        _inner.Context.RemoteEndPoint = new IPEndPoint(IPAddress.Loopback, 2);

        Assert.Equal(_inner.Context.ConnectionId, _phase.ConnectionId);
        Assert.Same(_inner.Context.Transport, _phase.Transport);
        Assert.Same(_inner.Context.LocalEndPoint, _phase.LocalEndPoint);
        Assert.Same(_inner.Context.RemoteEndPoint, _phase.RemoteEndPoint);
        Assert.Equal(_inner.Context.ConnectionClosed, _phase.ConnectionClosed);
        Assert.Same(_phase.Connection, _phase.Features.Get<UpgradeConnection>());
    }

    [Fact]
    public void Items_Set_StayInThePhase()
    {
        _inner.Context.Items["before"] = 1;
        Assert.Equal(1, _phase.Items["before"]);

        _phase.Items["mine"] = 2;
        _phase.Items["before"] = 3;

        Assert.Equal([new("before", 1)], _inner.Context.Items);
        Assert.Same(_phase.Items, _phase.Features.Get<IConnectionItemsFeature>()?.Items);
    }

    [Fact]
    public void Items_Replaced_StayInThePhase()
    {
        var items = new Dictionary<object, object?> { ["mine"] = 1 };

        _phase.Features.Get<IConnectionItemsFeature>()!.Items = items;

        Assert.Same(items, _phase.Items);
        Assert.Empty(_inner.Context.Items);
    }

    [Fact]
    public void Transport_Replaced_StaysInThePhase()
    {
        var transport = _inner.Context.Transport;

        _phase.Features.Get<IConnectionTransportFeature>()!.Transport = _inner.Context.Application!;

        Assert.Same(_inner.Context.Application, _phase.Transport);
        Assert.Same(transport, _inner.Context.Transport);
    }

    [Fact]
    public void ReleaseConnection_NoSwitchIsPending_IsForwarded()
    {
        Count.ReleaseConnection();

        Assert.Equal(1, _count.Released);
    }

    [Fact]
    public void ReleaseConnection_SwitchIsPending_IsNotForwarded()
    {
        _phase.Connection.Accept(Upgrade, _phase.Connection.Settings);

        Count.ReleaseConnection();

        Assert.Equal(0, _count.Released);
    }

    [Fact]
    public void ReleaseConnection_SwitchWasTakenBack_IsForwarded()
    {
        _phase.Connection.Accept(Upgrade, _phase.Connection.Settings);
        _phase.Connection.ForgetUpgrade();

        Count.ReleaseConnection();

        Assert.Equal(1, _count.Released);
    }

    private IDecrementConcurrentConnectionCountFeature Count =>
        _phase.Features.Get<IDecrementConcurrentConnectionCountFeature>()!;
}
