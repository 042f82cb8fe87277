using System.IO.Pipelines;
using KestrelTlsUpgrade.Client.Internal.Switching;

namespace KestrelTlsUpgrade.Client.Tests.Switching;

public sealed class TransportStreamTests
{
    [Fact]
    public async Task TryStopReading_PendingRead_BringsNothing()
    {
        var pipe = new Pipe();
        await using var stream = new TransportStream(pipe.Reader.AsStream());
        var reading = stream.ReadAsync(new byte[1]);
        Assert.True(stream.TryStopReading());
        await pipe.Writer.WriteAsync(new byte[1]);
        await Assert.ThrowsAsync<IOException>(() => reading.AsTask());
        await Assert.ThrowsAsync<IOException>(() => stream.ReadAsync(new byte[1]).AsTask());
    }

    [Fact]
    public async Task TryStopReading_NoPendingRead_False()
    {
        var pipe = new Pipe();
        await using var stream = new TransportStream(pipe.Reader.AsStream());
        Assert.False(stream.TryStopReading());
        await pipe.Writer.WriteAsync(new byte[2]);
        Assert.Equal(1, await stream.ReadAsync(new byte[1]));
        Assert.False(stream.TryStopReading());
        Assert.Equal(1, await stream.ReadAsync(new byte[1]));
    }

    [Fact]
    public async Task HasEnded_OnlyAfterTheEnd()
    {
        var pipe = new Pipe();
        await using var stream = new TransportStream(pipe.Reader.AsStream());
        await pipe.Writer.WriteAsync(new byte[1]);
        Assert.Equal(0, await stream.ReadAsync(Memory<byte>.Empty));
        Assert.False(stream.HasEnded);
        Assert.Equal(1, await stream.ReadAsync(new byte[1]));
        await pipe.Writer.CompleteAsync();
        Assert.Equal(0, await stream.ReadAsync(new byte[1]));
        Assert.True(stream.HasEnded);
    }
}
