using System.Buffers;
using System.IO.Pipelines;
using KestrelTlsUpgrade.Internal.Replay;
using KestrelTlsUpgrade.Tests.Support;

namespace KestrelTlsUpgrade.Tests.Replay;

public sealed class ReplayPipeReaderCancellationTests
{
    private readonly Pipe _inner = new();
    private readonly ReplayPipeReader _reader;

    public ReplayPipeReaderCancellationTests() => _reader = new ReplayPipeReader("head"u8.ToArray(), _inner.Reader);

    [Fact]
    public async Task CancelPendingRead_BeforeHead_IsMetBehindIt()
    {
        _reader.CancelPendingRead();

        var head = await _reader.ReadAsync();
        Assert.False(head.IsCanceled);
        Assert.Equal(4, head.Buffer.Length);
        _reader.AdvanceTo(head.Buffer.End);

        var read = await _reader.ReadAsync();
        Assert.True(read.IsCanceled);
        Assert.True(read.Buffer.IsEmpty);
    }

    [Fact]
    public async Task CancelPendingRead_ReadBehindHeadIsPending_EndsIt()
    {
        await AdvanceHeadAsync(isTaken: true);
        var pending = _reader.ReadAsync();

        _reader.CancelPendingRead();

        var read = await pending;
        Assert.True(read.IsCanceled);
        Assert.True(read.Buffer.IsEmpty);
    }

    [Fact]
    public async Task CancelPendingRead_ReadWithExaminedHeadIsPending_EndsItWithHead()
    {
        await AdvanceHeadAsync(isTaken: false);
        var pending = _reader.ReadAsync();
        Assert.False(pending.IsCompleted);

        _reader.CancelPendingRead();

        var read = await pending;
        Assert.True(read.IsCanceled);
        Assert.Equal("head"u8, read.Buffer.ToArray());

        // The reader goes on as if nothing had happened.
        _reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        await _inner.Writer.WriteAsync("i"u8.ToArray());
        var next = await _reader.ReadAsync();
        Assert.False(next.IsCanceled);
        Assert.Equal("headi"u8, next.Buffer.ToArray());
    }

    [Fact]
    public async Task ReadAsync_TokenIsCanceledDuringWait_ThrowsAndLosesNothing()
    {
        await AdvanceHeadAsync(isTaken: false);
        using var source = new CancellationTokenSource();
        var pending = _reader.ReadAsync(source.Token);

        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await pending);
        await _inner.Writer.WriteAsync("i"u8.ToArray());
        var read = await _reader.ReadAsync();
        Assert.Equal("headi"u8, read.Buffer.ToArray());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Complete_AnyTime_CompletesInner(bool isHeadRead)
    {
        if (isHeadRead)
        {
            await AdvanceHeadAsync(isTaken: true);
        }

        _reader.Complete();

        Assert.True((await _inner.Writer.FlushAsync()).IsCompleted);
    }

    [Fact]
    public async Task CompleteAsync_Exception_IsPassedOn()
    {
        var exception = new IOException();

        await _reader.CompleteAsync(exception);

        Assert.Same(exception, await Assert.ThrowsAsync<IOException>(async () => await _inner.Writer.FlushAsync()));
    }

    [Fact]
    public async Task AsStream_HeadAndInner_IsOneStream()
    {
        await _inner.Writer.WriteAsync("inner"u8.ToArray());
        await _inner.Writer.CompleteAsync();
        using var copy = new MemoryStream();

        await _reader.AsStream().CopyToAsync(copy).WaitAsync(TestConnection.Patience);

        Assert.Equal("headinner"u8, copy.ToArray());
    }

    private async Task AdvanceHeadAsync(bool isTaken)
    {
        var read = await _reader.ReadAsync();
        _reader.AdvanceTo(isTaken ? read.Buffer.End : read.Buffer.Start, read.Buffer.End);
    }
}
