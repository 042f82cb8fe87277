using System.Buffers;
using KestrelTlsUpgrade.Connections.Peeking;
using KestrelTlsUpgrade.Tests.Support;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Time.Testing;

namespace KestrelTlsUpgrade.Tests.Peeking;

public sealed class PeekLoopTests
{
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(100);
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(5);

    private readonly TestConnection _connection = new();
    private readonly FakeTimeProvider _time = new();

    /// <summary>A pipe gives what has been examined only together with more, and a cancelled read does not change that.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task RunAsync_GivenUpWithBytes_NextReaderHasThemAtOnce(bool isShutdown)
    {
        await _connection.SendAsync("G");
        var peek = RunAsync();
        if (isShutdown)
        {
            _connection.Lifetime.RequestClose();
        }
        else
        {
            _time.Advance(Rest * 2);
            _connection.Heartbeat.Beat();
        }

        Assert.Equal(isShutdown ? PeekEnd.ShutDown : PeekEnd.TimedOut, await peek);
        Assert.Equal("G", _connection.ReadAtOnce());
        Assert.Equal("G", _connection.ReadAtOnce());
        await _connection.SendAsync("ET");
        Assert.Equal("GET", _connection.ReadAtOnce());
        Assert.Equal("GET", await _connection.ReadRestAsync());
    }

    [Fact]
    public async Task RunAsync_GivenUpWithBytes_NextReaderWaitsForMore()
    {
        await _connection.SendAsync("G");
        var peek = RunAsync();
        _time.Advance(Rest * 2);
        _connection.Heartbeat.Beat();
        await peek;

        var input = _connection.Context.Transport.Input;
        var read = await input.ReadAsync();
        input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        var next = input.ReadAsync();
        Assert.False(next.IsCompleted);
        await _connection.SendAsync("ET");
        Assert.Equal(3, (await next).Buffer.Length);
    }

    private Task<PeekEnd> RunAsync() => PeekLoop.RunAsync<Undecided, PeekEnd>(
        _connection.Context, new Undecided(), Silence, Rest, _time).AsTask().WaitAsync(TestConnection.Patience);

    private sealed class Undecided : IPeekClassifier<PeekEnd>
    {
        public PeekVerdict<PeekEnd> Classify(in ReadOnlySequence<byte> bytes) => PeekVerdict<PeekEnd>.Undecided(PeekEnd.None);

        public PeekEnd End(ConnectionContext connection, PeekEnd end, PeekEnd last, bool isSilent) => end;
    }
}
