using System.IO.Pipelines;
using KestrelTlsUpgrade.Internal.Switching.Handshakes;
using TlsStart = KestrelTlsUpgrade.Internal.Observation.TlsStart;

namespace KestrelTlsUpgrade.Tests.Switching.Handshakes;

public sealed class WatchedPipeReaderTests
{
    private readonly Pipe _pipe = new();
    private readonly HandshakeWatch _watch = new(TlsStart.FirstRequest, 0);
    private readonly WatchedPipeReader _reader;

    public WatchedPipeReaderTests() => _reader = new(_pipe.Reader, _watch);

    [Theory]
    [InlineData((byte)0x16, true)]
    [InlineData((byte)'G', false)]
    public async Task ReadAsync_FirstByte_IsLookedAtAndLeftThere(byte first, bool isTls)
    {
        await WriteAsync(first);
        var read = await _reader.ReadAsync(TestContext.Current.CancellationToken);
        Assert.Equal(first, read.Buffer.FirstSpan[0]);
        Assert.Equal(isTls, _watch.IsTls);
        _reader.AdvanceTo(read.Buffer.End);

        // What comes later says nothing of how it began.
        await WriteAsync(0x00);
        read = await _reader.ReadAsync(TestContext.Current.CancellationToken);
        Assert.Equal(1, read.Buffer.Length);
        Assert.Equal(isTls, _watch.IsTls);
    }

    [Fact]
    public async Task TryRead_LooksToo()
    {
        Assert.False(_reader.TryRead(out _));
        await WriteAsync((byte)'G');
        Assert.True(_reader.TryRead(out var read));
        Assert.False(_watch.IsTls);
        _reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        Assert.False(_reader.TryRead(out _));
    }

    [Fact]
    public async Task ReadAsync_NoByte_SaysNothing()
    {
        _reader.CancelPendingRead();
        var read = await _reader.ReadAsync(TestContext.Current.CancellationToken);
        Assert.True(read.IsCanceled);
        _reader.AdvanceTo(read.Buffer.Start);
        await _pipe.Writer.CompleteAsync();
        read = await _reader.ReadAsync(TestContext.Current.CancellationToken);
        Assert.True(read.IsCompleted);
        Assert.Null(_watch.IsTls);
    }

    [Fact]
    public async Task Complete_IsPassedOn()
    {
        await _reader.CompleteAsync();
        Assert.True((await _pipe.Writer.WriteAsync(new byte[1], TestContext.Current.CancellationToken)).IsCompleted);
        _reader.Complete();
    }

    private async Task WriteAsync(byte value) => await _pipe.Writer.WriteAsync(new[] { value }, TestContext.Current.CancellationToken);
}
