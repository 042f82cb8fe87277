using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Internal.Plaintext;
using KestrelTlsUpgrade.Testing;
using KestrelTlsUpgrade.Tests.Support;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace KestrelTlsUpgrade.Tests.Plaintext;

/// <summary>What ends with the plaintext phase of a connection.</summary>
public sealed class PlaintextConnectionEndTests : IAsyncDisposable
{
    private static readonly UpgradeRequest Upgrade = new(UpgradeToken.Tls12, "a.test", default, isFirst: false);

    private readonly TestConnection _inner = new();
    private readonly PlaintextConnection _phase;

    public PlaintextConnectionEndTests() => _phase = new PlaintextConnection(UpgradeConnections.Create(_inner.Context));

    public ValueTask DisposeAsync() => _phase.DisposeAsync();

    [Fact]
    public void End_NoUpgrade_IsNull()
    {
        _phase.End();

        Assert.Null(_phase.Connection.Upgrade);
    }

    [Fact]
    public void End_Upgrade_IsTheUpgrade()
    {
        _phase.Connection.Accept(Upgrade, _phase.Connection.Settings);

        _phase.End();

        Assert.Same(Upgrade, _phase.Connection.Upgrade);
    }

    [Fact]
    public void End_UpgradeTakenBack_IsNull()
    {
        _phase.Connection.Accept(Upgrade, _phase.Connection.Settings);
        _phase.Connection.ForgetUpgrade();

        _phase.End();

        Assert.Null(_phase.Connection.Upgrade);
    }

    [Fact]
    public void End_NoUpgrade_CopiesTags()
    {
        _inner.MetricsTags.Tags.Add(new("before", 1));
        Tags.Tags.Add(new("network.protocol.name", "http"));
        Assert.Single(_inner.MetricsTags.Tags);

        _phase.End();

        Assert.Equal([new("before", 1), new("network.protocol.name", "http")], _inner.MetricsTags.Tags);
    }

    [Fact]
    public void End_Upgrade_DropsTags()
    {
        Tags.Tags.Add(new("network.protocol.name", "http"));
        _phase.Connection.Accept(Upgrade, _phase.Connection.Settings);

        _phase.End();

        Assert.Empty(_inner.MetricsTags.Tags);
    }

    [Fact]
    public void OnHeartbeat_SeveralCallbacks_BeatOnOneRegistration()
    {
        var beats = new List<object>();
        _phase.OnHeartbeat(beats.Add, "first");
        _phase.OnHeartbeat(beats.Add, "second");

        _inner.Heartbeat.Beat();

        Assert.Equal(1, _inner.Heartbeat.Count);
        Assert.Equal(["first", "second"], beats);
    }

    [Fact]
    public void OnHeartbeat_AddedDuringBeat_BeatsFromTheNextOn()
    {
        var beats = new List<object>();
        _phase.OnHeartbeat(state => _phase.OnHeartbeat(beats.Add, state), "late");

        _inner.Heartbeat.Beat();
        Assert.Empty(beats);

        _inner.Heartbeat.Beat();
        Assert.Equal(["late"], beats);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void OnHeartbeat_AfterEnd_BeatsNoMore(bool isUpgraded)
    {
        var beats = new List<object>();
        _phase.OnHeartbeat(beats.Add, "state");
        Accept(_phase, isUpgraded);

        _phase.End();
        _inner.Heartbeat.Beat();

        Assert.Empty(beats);
    }

    [Fact]
    public void OnHeartbeat_NoneInConnection_DoesNothing()
    {
        _inner.Context.Features.Set<IConnectionHeartbeatFeature>(null);

        _phase.OnHeartbeat(static _ => throw new InvalidOperationException(), "state");

        Assert.Equal(0, _inner.Heartbeat.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Abort_BeforeEnd_IsForwarded(bool hasReason)
    {
        var inner = new AbortRecorder();

        Abort(new PlaintextConnection(UpgradeConnections.Create(inner)), hasReason);

        Assert.Equal(1, inner.Aborted);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void Abort_AfterEnd_IsNotForwarded(bool hasReason, bool isUpgraded)
    {
        var inner = new AbortRecorder();
        var phase = new PlaintextConnection(UpgradeConnections.Create(inner));
        Accept(phase, isUpgraded);
        phase.End();

        Abort(phase, hasReason);

        Assert.Equal(0, inner.Aborted);
    }

    private IConnectionMetricsTagsFeature Tags => _phase.Features.Get<IConnectionMetricsTagsFeature>()!;

    private static void Accept(PlaintextConnection phase, bool isUpgraded)
    {
        if (isUpgraded)
        {
            phase.Connection.Accept(Upgrade, phase.Connection.Settings);
        }
    }

    private static void Abort(PlaintextConnection phase, bool hasReason)
    {
        if (hasReason)
        {
            phase.Abort(new ConnectionAbortedException());
        }
        else
        {
            phase.Abort();
        }
    }
}
