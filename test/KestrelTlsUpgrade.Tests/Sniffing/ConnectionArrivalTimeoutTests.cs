using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Internal.Sniffing;
using KestrelTlsUpgrade.Testing;
using KestrelTlsUpgrade.Tests.Support;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Time.Testing;

namespace KestrelTlsUpgrade.Tests.Sniffing;

public sealed class ConnectionArrivalTimeoutTests
{
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(100);
    private static readonly TimeSpan Moment = TimeSpan.FromTicks(1);

    private readonly TestConnection _connection = new();
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task ReceiveAsync_NothingArrives_EndsAfterKeepAliveTimeout()
    {
        var arrival = ReceiveAsync();

        Pass(KeepAlive);
        Assert.False(arrival.IsCompleted);
        Assert.Empty(_connection.MetricsTags.Tags);

        Pass(Moment);
        Assert.Equal(ArrivalKind.Ended, (await arrival).Kind);
        Assert.Equal(
            [new("network.protocol.name", "http"), new("network.protocol.version", "1.1"), new("error.type", "keep_alive_timeout")],
            _connection.MetricsTags.Tags);
    }

    [Fact]
    public async Task ReceiveAsync_Timeout_IsTaggedBeforeTheWaitEnds()
    {
        var count = ReceiveAsync().ContinueWith(
            _ => _connection.MetricsTags.Tags.Count, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

        Pass(KeepAlive + Moment);

        Assert.Equal(3, await count);
    }

    [Fact]
    public async Task ReceiveAsync_HeartbeatsAfterTimeout_TagOnce()
    {
        var arrival = ReceiveAsync();

        Pass(KeepAlive + Moment);
        Pass(KeepAlive + Moment);

        Assert.Equal(ArrivalKind.Ended, (await arrival).Kind);
        Assert.Single(_connection.MetricsTags.Tags, tag => tag.Key == "error.type");
    }

    [Fact]
    public async Task ReceiveAsync_NoLimit_WaitsForever()
    {
        var policy = Policies.Create(configureLimits: static limits => limits.KeepAliveTimeout = Timeout.InfiniteTimeSpan);
        var arrival = ReceiveAsync(policy);

        Pass(TimeSpan.FromDays(1000));
        Assert.False(arrival.IsCompleted);

        await _connection.SendAsync("G");
        Assert.Equal(ArrivalKind.Plaintext, (await arrival).Kind);
    }

    [Fact]
    public async Task ReceiveAsync_NoMetrics_EndsAfterTimeoutAllTheSame()
    {
        _connection.Context.Features.Set<IConnectionMetricsTagsFeature>(null);
        var arrival = ReceiveAsync();

        Pass(KeepAlive + Moment);

        Assert.Equal(ArrivalKind.Ended, (await arrival).Kind);
    }

    [Fact]
    public async Task ReceiveAsync_TimeAfterArrival_DisturbsNobody()
    {
        var arrival = ReceiveAsync();
        await _connection.SendAsync("GET");
        Assert.Equal(ArrivalKind.Plaintext, (await arrival).Kind);

        Pass(KeepAlive * 2);

        Assert.Empty(_connection.MetricsTags.Tags);
        Assert.Equal("GET", await _connection.ReadRestAsync());
    }

    [Fact]
    public async Task ReceiveAsync_BytesAreThereAtOnce_RegistersNothing()
    {
        await _connection.SendAsync("GET");

        await ReceiveAsync();

        Assert.Equal(0, _connection.Heartbeat.Count);
    }

    [Fact]
    public async Task ReceiveAsync_ShutdownDuringWait_Ends()
    {
        var arrival = ReceiveAsync();

        _connection.Lifetime.RequestClose();

        Assert.Equal(ArrivalKind.Ended, (await arrival).Kind);
        Assert.DoesNotContain(_connection.MetricsTags.Tags, tag => tag.Key == "error.type");
    }

    [Fact]
    public async Task ReceiveAsync_ShutdownBeforeWait_Ends()
    {
        _connection.Lifetime.RequestClose();

        Assert.Equal(ArrivalKind.Ended, (await ReceiveAsync()).Kind);
    }

    [Fact]
    public async Task ReceiveAsync_ShutdownAfterArrival_DisturbsNobody()
    {
        var arrival = ReceiveAsync();
        await _connection.SendAsync("GET");
        await arrival;

        _connection.Lifetime.RequestClose();

        Assert.Equal("GET", await _connection.ReadRestAsync());
    }

    [Fact]
    public async Task ReceiveAsync_ReadCanceledBySomebodyElse_GoesOnWaiting()
    {
        var arrival = ReceiveAsync();

        _connection.Context.Transport.Input.CancelPendingRead();
        Assert.False(arrival.IsCompleted);

        await _connection.SendAsync("GET");
        Assert.Equal(ArrivalKind.Plaintext, (await arrival).Kind);
    }

    [Fact]
    public async Task ReceiveAsync_NoHeartbeatAndNoLifetime_Waits()
    {
        _connection.Context.Features.Set<IConnectionHeartbeatFeature>(null);
        _connection.Context.Features.Set<IConnectionLifetimeNotificationFeature>(null);
        var arrival = ReceiveAsync();

        await _connection.SendAsync("GET");

        Assert.Equal(ArrivalKind.Plaintext, (await arrival).Kind);
    }

    private void Pass(TimeSpan time)
    {
        _time.Advance(time);
        _connection.Heartbeat.Beat();
    }

    private Task<ArrivedConnection> ReceiveAsync(UpgradePolicy? policy = null) =>
        ConnectionArrival.ReceiveAsync(UpgradeConnections.Create(
            _connection.Context, policy ?? Policies.Create(configureLimits: SetLimits), timeProvider: _time)).AsTask().WaitAsync(TestConnection.Patience);

    private static void SetLimits(KestrelServerLimits limits) => limits.KeepAliveTimeout = KeepAlive;
}
