using System.Net;
using KestrelTlsUpgrade.ProxyProtocol.Internal;
using KestrelTlsUpgrade.ProxyProtocol.Internal.Headers;
using KestrelTlsUpgrade.Testing;
using KestrelTlsUpgrade.Tests.Support;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Time.Testing;

namespace KestrelTlsUpgrade.Tests.ProxyProtocol;

public sealed class ProxyHeaderArrivalTests
{
    private static readonly TimeSpan Moment = TimeSpan.FromTicks(1);
    private static readonly TimeSpan HeaderTimeout = TimeSpan.FromSeconds(5);
    private static readonly IPEndPoint Source = IPEndPoint.Parse("192.0.2.1:1");
    private static readonly IPEndPoint Destination = IPEndPoint.Parse("192.0.2.2:2");
    private static readonly byte[] Line = ProxyHeaders.Line(Source, Destination);
    private static readonly byte[] Block = ProxyHeaders.Block(Source, Destination);

    private readonly TestConnection _connection = new();
    private readonly FakeTimeProvider _time = new();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task ReceiveAsync_ByteByByte_TakesTheHeaderOnly(int version)
    {
        var bytes = version == 1 ? Line : Block;
        var arrival = ReceiveAsync();
        for (var i = 0; i < bytes.Length - 1; i++)
        {
            await _connection.SendAsync(bytes.AsMemory(i, 1));
            Assert.False(arrival.IsCompleted);
        }

        byte[] last = [bytes[^1], (byte)'G'];
        await _connection.SendAsync(last);

        Assert.Equal(ProxyHeader.Proxied(bytes.Length, Source, Destination), await arrival);
        Assert.Equal("G", _connection.ReadAtOnce());
        Assert.Equal("G", await _connection.ReadRestAsync());
    }

    [Fact]
    public async Task ReceiveAsync_ThereAtOnce_RegistersNothing()
    {
        await _connection.SendAsync(Block);
        Assert.Equal(ProxyHeaderKind.Proxied, (await ReceiveAsync()).Kind);
        Assert.Equal(0, _connection.Heartbeat.Count);
    }

    [Fact]
    public async Task ReceiveAsync_SomethingElse_IsRefusedAtOnce()
    {
        await _connection.SendAsync("G");
        Assert.Equal(ProxyHeaderKind.Invalid, (await ReceiveAsync()).Kind);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(10)]
    public async Task ReceiveAsync_NotWholeInTime_IsInvalid(int count)
    {
        var arrival = ReceiveAsync();
        for (var i = 0; i < count; i++)
        {
            Pass(HeaderTimeout / 10);
            await _connection.SendAsync(Line.AsMemory(i, 1));
        }

        Pass(HeaderTimeout - (HeaderTimeout / 10 * count));
        Assert.False(arrival.IsCompleted);

        Pass(Moment);
        var header = await arrival;
        Assert.Equal(ProxyHeaderKind.Invalid, header.Kind);
        Assert.Contains("time", header.Fault);
    }

    [Fact]
    public async Task ReceiveAsync_NoLimit_WaitsForever()
    {
        var arrival = ReceiveAsync(TimeSpan.MaxValue);
        Pass(TimeSpan.FromDays(1000));
        Assert.False(arrival.IsCompleted);
        await _connection.SendAsync(Line);
        Assert.Equal(ProxyHeaderKind.Proxied, (await arrival).Kind);
    }

    [Fact]
    public async Task ReceiveAsync_EndsWithoutAByte_IsIncomplete()
    {
        var arrival = ReceiveAsync();
        await _connection.Client.CompleteAsync();
        Assert.Equal(ProxyHeader.Incomplete, await arrival);
    }

    [Fact]
    public async Task ReceiveAsync_EndsWithinTheHeader_IsInvalid()
    {
        for (var length = 1; length < Block.Length; length++)
        {
            var connection = new TestConnection();
            await connection.SendAsync(Block.AsMemory(0, length));
            await connection.Client.CompleteAsync();
            var header = await ReceiveAsync(connection);
            Assert.Equal(ProxyHeaderKind.Invalid, header.Kind);
            Assert.Contains("ended", header.Fault);
        }
    }

    [Fact]
    public async Task ReceiveAsync_EndsWithTheHeader_IsTaken()
    {
        await _connection.SendAsync(Block);
        await _connection.Client.CompleteAsync();
        Assert.Equal(ProxyHeaderKind.Proxied, (await ReceiveAsync()).Kind);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(8)]
    public async Task ReceiveAsync_ShutdownDuringWait_IsIncomplete(int length)
    {
        var arrival = ReceiveAsync();
        await _connection.SendAsync(Line.AsMemory(0, length));
        _connection.Lifetime.RequestClose();
        Assert.Equal(ProxyHeader.Incomplete, await arrival);
    }

    [Theory]
    [InlineData(typeof(ConnectionResetException))]
    [InlineData(typeof(OperationCanceledException))]
    public async Task ReceiveAsync_ProxyIsGone_IsIncomplete(Type type)
    {
        var arrival = ReceiveAsync();
        await _connection.Client.CompleteAsync((Exception)Activator.CreateInstance(type, "gone")!);
        Assert.Equal(ProxyHeader.Incomplete, await arrival);
    }

    [Fact]
    public async Task ReceiveAsync_ReadCanceledBySomebodyElse_GoesOnWaiting()
    {
        var arrival = ReceiveAsync();
        _connection.Context.Transport.Input.CancelPendingRead();
        Assert.False(arrival.IsCompleted);
        await _connection.SendAsync(Block);
        Assert.Equal(ProxyHeaderKind.Proxied, (await arrival).Kind);
    }

    private void Pass(TimeSpan time)
    {
        _time.Advance(time);
        _connection.Heartbeat.Beat();
    }

    private Task<ProxyHeader> ReceiveAsync(TimeSpan? timeout = null) => ReceiveAsync(_connection, timeout);

    private Task<ProxyHeader> ReceiveAsync(TestConnection connection, TimeSpan? timeout = null) =>
        new ProxyHeaderArrival(timeout ?? HeaderTimeout, _time).ReceiveAsync(connection.Context).AsTask().WaitAsync(TestConnection.Patience);
}
