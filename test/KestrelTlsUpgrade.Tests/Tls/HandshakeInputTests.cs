using System.Buffers;
using System.IO.Pipelines;
using KestrelTlsUpgrade.Internal.Tls;
using Microsoft.AspNetCore.Connections;

namespace KestrelTlsUpgrade.Tests.Tls;

/// <summary>On a real pipe, which withholds what is in it once the connection is reset.</summary>
public sealed class HandshakeInputTests
{
    private static readonly byte[] Hello = [.. Enumerable.Range(0, 5000).Select(static i => (byte)i)];
    private static readonly byte[] Alert = [0x15, 3, 3, 0, 2, 2, 48];

    private readonly Pipe _pipe = new(new PipeOptions(useSynchronizationContext: false, pauseWriterThreshold: 0));
    private readonly HandshakeInput _input;

    public HandshakeInputTests() => _input = new(_pipe.Reader);

    [Theory]
    [InlineData(1)]
    [InlineData(500)]
    [InlineData(5000)]
    public async Task Reset_AfterAnAlert_AlertIsReadFirst(int hello)
    {
        await WriteAsync(Hello.AsMemory(0, hello));
        Assert.Equal(Hello[..hello], await ReadAllAsync());
        await WriteAsync(Alert);
        Reset();

        // In two reads, as TLS reads a header first.
        var result = await _input.ReadAsync(TestContext.Current.CancellationToken);
        Assert.Equal((false, false), (result.IsCompleted, result.IsCanceled));
        Assert.Equal(Alert, result.Buffer.ToArray());
        _input.AdvanceTo(result.Buffer.GetPosition(5));
        Assert.True(_input.TryRead(out result));
        Assert.Equal(Alert[5..], result.Buffer.ToArray());
        _input.AdvanceTo(result.Buffer.End);
        Assert.False(_input.TryRead(out _));
        await Assert.ThrowsAsync<ConnectionResetException>(async () => await _input.ReadAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Reset_InManySegments_AllAreRead()
    {
        await WriteAsync(Hello);
        await ReadAllAsync();
        for (var i = 0; i < 3; i++)
        {
            await WriteAsync(Hello);
        }

        Reset();
        byte[] expected = [.. Hello, .. Hello, .. Hello];
        Assert.Equal(expected, await ReadAllAsync());
        await Assert.ThrowsAsync<ConnectionResetException>(ReadAllAsync);
    }

    /// <summary>As with the first octets of a record header, which the reader leaves until the rest is there.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task Reset_AfterTooLittle_IsAResetOnceAllIsExamined(int consumed)
    {
        await WriteAsync(Hello);
        await ReadAllAsync();
        await WriteAsync(Alert);
        Reset();

        var result = await _input.ReadAsync(TestContext.Current.CancellationToken);
        _input.AdvanceTo(result.Buffer.GetPosition(consumed), result.Buffer.GetPosition(5));
        result = await _input.ReadAsync(TestContext.Current.CancellationToken);
        Assert.Equal(Alert[consumed..], result.Buffer.ToArray());
        _input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        Assert.False(_input.TryRead(out _));
        await Assert.ThrowsAsync<ConnectionResetException>(async () => await _input.ReadAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Reset_AfterNothing_IsAReset()
    {
        await WriteAsync(Hello);
        await ReadAllAsync();
        Reset();
        await Assert.ThrowsAsync<ConnectionResetException>(ReadAllAsync);
    }

    [Fact]
    public async Task Reset_BeforeAnything_IsAReset()
    {
        Reset();
        await Assert.ThrowsAsync<ConnectionResetException>(ReadAllAsync);
    }

    [Fact]
    public async Task OtherFailure_IsThrownAsItIs()
    {
        await WriteAsync(Hello);
        await ReadAllAsync();
        await WriteAsync(Alert);
        await _pipe.Writer.CompleteAsync(new ConnectionAbortedException());
        await Assert.ThrowsAsync<ConnectionAbortedException>(ReadAllAsync);
    }

    /// <summary>The byte that is held is never seen twice, and nothing is held once the client has answered.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task NoReset_BytesAreThoseOfTheTransport(bool trying)
    {
        await WriteAsync(Hello);
        var result = await _input.ReadAsync(TestContext.Current.CancellationToken);
        _input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        await WriteAsync(Alert);
        result = await _input.ReadAsync(TestContext.Current.CancellationToken);
        Assert.Equal([.. Hello, .. Alert], result.Buffer.ToArray());
        _input.AdvanceTo(result.Buffer.GetPosition(Hello.Length));
        Assert.Equal(Alert, await ReadAllAsync());
        Assert.False(_input.TryRead(out _));
        for (var i = 0; i < 3; i++)
        {
            await WriteAsync(Alert);
            if (trying)
            {
                Assert.True(_input.TryRead(out result));
                Assert.Equal(Alert, result.Buffer.ToArray());
                _input.AdvanceTo(result.Buffer.End);
            }
            else
            {
                Assert.Equal(Alert, await ReadAllAsync());
            }
        }

        await _pipe.Writer.CompleteAsync();
        result = await _input.ReadAsync(TestContext.Current.CancellationToken);
        Assert.True(result.IsCompleted && result.Buffer.IsEmpty);
    }

    [Fact]
    public async Task Cancelled_WhileHolding_NothingIsRead()
    {
        await WriteAsync(Hello);
        await ReadAllAsync();
        _input.CancelPendingRead();
        var result = await _input.ReadAsync(TestContext.Current.CancellationToken);
        Assert.True(result.IsCanceled && result.Buffer.IsEmpty);
        _input.AdvanceTo(result.Buffer.End);
        await WriteAsync(Alert);
        Assert.Equal(Alert, await ReadAllAsync());
    }

    private async Task WriteAsync(ReadOnlyMemory<byte> bytes) =>
        await _pipe.Writer.WriteAsync(bytes, TestContext.Current.CancellationToken);

    private void Reset() => _pipe.Writer.Complete(new ConnectionResetException(""));

    private async Task<byte[]> ReadAllAsync()
    {
        var result = await _input.ReadAsync(TestContext.Current.CancellationToken);
        var bytes = result.Buffer.ToArray();
        _input.AdvanceTo(result.Buffer.End);
        return bytes;
    }
}
