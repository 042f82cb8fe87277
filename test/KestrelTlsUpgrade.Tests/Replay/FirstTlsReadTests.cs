using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using KestrelTlsUpgrade.Internal.Replay;
using KestrelTlsUpgrade.Testing;
using KestrelTlsUpgrade.Tests.Support;
using Microsoft.AspNetCore.Connections.Features;

namespace KestrelTlsUpgrade.Tests.Replay;

public sealed class FirstTlsReadTests
{
    private readonly TestConnection _connection = new();
    private readonly CountingPipeReader _inner;
    private readonly PipeReader _reader;

    public FirstTlsReadTests()
    {
        _inner = new CountingPipeReader(_connection.Context.Transport.Input);
        _reader = FirstTlsRead.Create(_inner, _connection.Context);
    }

    [Fact]
    public async Task NothingComes_ReadIsBegunAgainOnce()
    {
        var read = ReadAsync();
        Beat(1);
        Assert.Equal(1, _inner.Reads);
        Beat(10);
        Assert.Equal(2, _inner.Reads);
        Assert.False(read.IsCompleted);

        await _connection.SendAsync("data");
        Assert.Equal("data", Take(await read));
        Assert.Equal(1, _inner.Cancellations);
    }

    [Fact]
    public void NotReadYet_NotInterrupted()
    {
        Beat(10);
        Assert.Equal(0, _inner.Cancellations);
    }

    [Fact]
    public async Task SomethingCame_NeverInterrupted()
    {
        var read = ReadAsync();
        Beat(1);
        await _connection.SendAsync("data");
        Assert.Equal("data", Take(await read));

        read = ReadAsync();
        Beat(10);
        Assert.Equal(0, _inner.Cancellations);
        Assert.False(read.IsCompleted);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task DataComesWithTheInterruption_ReaderSeesDataOnly(bool isTry)
    {
        var read = ReadAsync();
        _inner.BeforeCancellation = () => _connection.SendAsync("data").Wait();
        Beat(2);
        Assert.Equal("data", Take(await read));

        // The interruption, which was too late, is not for the reader either.
        if (isTry)
        {
            Assert.False(_reader.TryRead(out _));
            await _connection.SendAsync("more");
            Assert.True(_reader.TryRead(out var more));
            Assert.Equal("more", Take(more));
        }
        else
        {
            read = ReadAsync();
            Assert.False(read.IsCompleted);
            await _connection.SendAsync("more");
            Assert.Equal("more", Take(await read));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task DataWaitsWithTheInterruption_ReaderSeesDataOnly(bool isTry)
    {
        var read = ReadAsync();
        _inner.BeforeCancellation = () => _connection.SendAsync("data").Wait();
        Beat(2);
        var first = await read;
        _reader.AdvanceTo(first.Buffer.GetPosition(1));

        var result = isTry && _reader.TryRead(out var tried) ? tried : await _reader.ReadAsync();
        Assert.False(result.IsCanceled);
        Assert.Equal("ata", Take(result));
    }

    [Fact]
    public async Task EndComesWithTheInterruption_ReaderSeesEnd()
    {
        var read = ReadAsync();
        _inner.BeforeCancellation = () => _connection.SendAsync("data").Wait();
        Beat(2);
        Assert.Equal("data", Take(await read));
        await _connection.Client.CompleteAsync();

        var last = await _reader.ReadAsync();
        Assert.True(last.IsCompleted);
        Assert.False(last.IsCanceled);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5)]
    public async Task ReaderCancels_ReaderSeesIt(int beats)
    {
        var read = ReadAsync();
        Beat(beats);
        _reader.CancelPendingRead();
        var canceled = await read;
        Assert.True(canceled.IsCanceled);
        _reader.AdvanceTo(canceled.Buffer.Start);

        read = ReadAsync();
        Beat(5);
        await _connection.SendAsync("data");
        Assert.Equal("data", Take(await read));
    }

    [Fact]
    public async Task ReaderCancelsWithTheInterruption_ReaderSeesOne()
    {
        var read = ReadAsync();
        _inner.BeforeCancellation = () =>
        {
            _inner.BeforeCancellation = null;
            _reader.CancelPendingRead();
        };
        Beat(2);
        var canceled = await read;
        Assert.True(canceled.IsCanceled);
        _reader.AdvanceTo(canceled.Buffer.Start);

        read = ReadAsync();
        Assert.False(read.IsCompleted);
        await _connection.SendAsync("data");
        Assert.Equal("data", Take(await read));
    }

    [Fact]
    public async Task TokenOfReader_EndsTheRead()
    {
        using var stop = new CancellationTokenSource();
        var read = _reader.ReadAsync(stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await read);
    }

    [Fact]
    public void NoHeartbeat_NothingBetween()
    {
        _connection.Context.Features.Set<IConnectionHeartbeatFeature>(null);
        Assert.Same(_inner, FirstTlsRead.Create(_inner, _connection.Context));
    }

    [Fact]
    public async Task Completed_InnerIsCompleted()
    {
        await _reader.CompleteAsync();
        Assert.Throws<InvalidOperationException>(() => _inner.TryRead(out _));
    }

    private Task<ReadResult> ReadAsync() => _reader.ReadAsync().AsTask();

    private void Beat(int count)
    {
        for (var i = 0; i < count; i++)
        {
            _connection.Heartbeat.Beat();
        }
    }

    private string Take(ReadResult result)
    {
        Assert.False(result.IsCanceled);
        var text = Encoding.Latin1.GetString(result.Buffer.ToArray());
        _reader.AdvanceTo(result.Buffer.End);
        return text;
    }
}
