using System.IO.Pipelines;
using KestrelTlsUpgrade.Client.Internal.Switching;

namespace KestrelTlsUpgrade.Client.Tests.Switching;

public sealed class QuietStreamTests : IDisposable
{
    private readonly Pipe _received = new();
    private readonly MemoryStream _sent = new();
    private readonly AsyncLocal<string?> _flow = new();
    private readonly FlowingStream _inner;

    public QuietStreamTests() => _inner = new FlowingStream(_received.Reader.AsStream(), _sent, _flow);

    public void Dispose() => _inner.Dispose();

    private static async Task AssertWriteFailsAsync(QuietStream stream)
    {
        var exception = await Assert.ThrowsAsync<HttpIOException>(async () => await stream.WriteAsync("GET"u8.ToArray()));
        Assert.Equal(HttpRequestError.InvalidResponse, exception.HttpRequestError);
        Assert.Contains("a.test:80 sent data", exception.Message, StringComparison.Ordinal);
        Assert.Throws<HttpIOException>(() => stream.Write("GET"u8));
    }

    [Fact]
    public async Task Write_AfterTheAnswerCame_Fails()
    {
        await _received.Writer.WriteAsync("forged"u8.ToArray(), TestContext.Current.CancellationToken);
        var stream = new QuietStream(_inner, "a.test:80");
        Assert.Equal(0, await stream.ReadAsync(Memory<byte>.Empty, TestContext.Current.CancellationToken));
        Assert.True(stream.HasReceived);
        await AssertWriteFailsAsync(stream);
        Assert.Equal(0, _sent.Length);
    }

    /// <summary>The pool may read ahead on a connection that it has not used yet.</summary>
    [Fact]
    public async Task Write_AfterTheAnswerWasRead_Fails()
    {
        var stream = new QuietStream(_inner, "a.test:80");
        var reading = stream.ReadAsync(new byte[10], TestContext.Current.CancellationToken);
        Assert.False(stream.HasReceived);
        await _received.Writer.WriteAsync("forged"u8.ToArray(), TestContext.Current.CancellationToken);
        Assert.Equal(1, await reading);
        await AssertWriteFailsAsync(stream);
        Assert.Equal(0, _sent.Length);
    }

    [Fact]
    public async Task Write_AfterTheEnd_IsLeftToThePool()
    {
        await _received.Writer.CompleteAsync();
        var stream = new QuietStream(_inner, "a.test:80");
        Assert.Equal(0, await stream.ReadAsync(Memory<byte>.Empty, TestContext.Current.CancellationToken));
        Assert.True(stream.HasEndedQuiet);
        Assert.False(stream.HasReceived);
        await stream.WriteAsync("GET"u8.ToArray(), TestContext.Current.CancellationToken);
        Assert.Equal(3, _sent.Length);
        Assert.Equal(0, await stream.ReadAsync(new byte[10], TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Read_AfterTheRequest_GivesTheWholeAnswer(bool isSynchronous)
    {
        var stream = new QuietStream(_inner, "a.test:80");
        await stream.WriteAsync("GET"u8.ToArray(), TestContext.Current.CancellationToken);
        var waiting = stream.ReadAsync(Memory<byte>.Empty, TestContext.Current.CancellationToken);
        Assert.False(waiting.IsCompleted);
        await _received.Writer.WriteAsync("answer"u8.ToArray(), TestContext.Current.CancellationToken);
        Assert.Equal(0, await waiting);
        var answer = new byte[6];
        if (isSynchronous)
        {
            stream.ReadExactly(answer);
        }
        else
        {
            await stream.ReadExactlyAsync(answer, TestContext.Current.CancellationToken);
        }

        Assert.Equal("answer"u8.ToArray(), answer);
        await stream.WriteAsync("GET"u8.ToArray(), TestContext.Current.CancellationToken);
        Assert.Equal(6, _sent.Length);
    }

    /// <summary>The first read may be pending for as long as the connection is not used.</summary>
    [Fact]
    public async Task FirstRead_CallersFlow_IsNotKept()
    {
        _flow.Value = "caller";
        var stream = new QuietStream(_inner, "a.test:80");
        Assert.False(ExecutionContext.IsFlowSuppressed());
        await _received.Writer.WriteAsync("ab"u8.ToArray(), TestContext.Current.CancellationToken);
        Assert.Equal(1, await stream.ReadAsync(new byte[2], TestContext.Current.CancellationToken));
        Assert.Equal([null], _inner.Flows);
        Assert.Equal(1, await stream.ReadAsync(new byte[2], TestContext.Current.CancellationToken));
        Assert.Equal([null, "caller"], _inner.Flows);
    }

    private sealed class FlowingStream(Stream received, Stream sent, AsyncLocal<string?> flow) : WrappedStream(received)
    {
        /// <summary>What has flowed to the end of each read.</summary>
        public List<string?> Flows { get; } = [];

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var reading = Inner.ReadAsync(buffer, cancellationToken);
            await Task.Yield();
            var count = await reading;
            Flows.Add(flow.Value);
            return count;
        }

        public override void Write(ReadOnlySpan<byte> buffer) => sent.Write(buffer);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            sent.WriteAsync(buffer, cancellationToken);
    }
}
