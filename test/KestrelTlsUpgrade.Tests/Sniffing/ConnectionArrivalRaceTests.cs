using System.IO.Pipelines;
using KestrelTlsUpgrade.Connections.Pipes;
using KestrelTlsUpgrade.Internal.Sniffing;
using KestrelTlsUpgrade.Testing;
using KestrelTlsUpgrade.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace KestrelTlsUpgrade.Tests.Sniffing;

/// <summary>The first bytes and the end of the wait come together.</summary>
public sealed class ConnectionArrivalRaceTests
{
    private static readonly TimeSpan TooLong = Policies.Default.Limits.KeepAliveTimeout * 2;

    private readonly TestConnection _connection = new();
    private readonly FakeTimeProvider _time = new();
    private readonly QueueScheduler _scheduler = new();
    private readonly PipeWriter _client;
    private readonly Task<ArrivedConnection> _arrival;

    public ConnectionArrivalRaceTests()
    {
        var input = new Pipe(new PipeOptions(readerScheduler: _scheduler, useSynchronizationContext: false));
        _client = input.Writer;
        _connection.Context.Transport = new TransportPipe(input.Reader, _connection.Context.Transport.Output);
        _arrival = ConnectionArrival.ReceiveAsync(UpgradeConnections.Create(_connection.Context, timeProvider: _time)).AsTask();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ReceiveAsync_TimeoutAndBytes_BytesAreKestrelsToJudge(bool isTimeoutFirst)
    {
        await BothAsync(isTimeoutFirst, () =>
        {
            _time.Advance(TooLong);
            _connection.Heartbeat.Beat();
        });

        Assert.Equal(ArrivalKind.Plaintext, (await _arrival.WaitAsync(TestConnection.Patience)).Kind);
        Assert.Empty(_connection.MetricsTags.Tags);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ReceiveAsync_ShutdownAndBytes_BytesAreKestrelsToJudge(bool isShutdownFirst)
    {
        await BothAsync(isShutdownFirst, _connection.Lifetime.RequestClose);

        Assert.Equal(ArrivalKind.Plaintext, (await _arrival.WaitAsync(TestConnection.Patience)).Kind);
        Assert.Empty(_connection.MetricsTags.Tags);
    }

    [Fact]
    public async Task ReceiveAsync_ShutdownThenTimeout_IsNoTimeout()
    {
        _connection.Lifetime.RequestClose();
        _time.Advance(TooLong);
        _connection.Heartbeat.Beat();
        _scheduler.Run();

        Assert.Equal(ArrivalKind.Ended, (await _arrival.WaitAsync(TestConnection.Patience)).Kind);
        Assert.DoesNotContain(_connection.MetricsTags.Tags, tag => tag.Key == "error.type");
    }

    private async Task BothAsync(bool isEndFirst, Action end)
    {
        if (isEndFirst)
        {
            end();
        }

        await _client.WriteAsync("GET"u8.ToArray());
        if (!isEndFirst)
        {
            end();
        }

        Assert.False(_arrival.IsCompleted);
        _scheduler.Run();
    }
}
