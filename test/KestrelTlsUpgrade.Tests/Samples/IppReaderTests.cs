using System.Buffers;
using System.IO.Pipelines;
using IppPrinter.Ipp;
using KestrelTlsUpgrade.Testing;
using static KestrelTlsUpgrade.Testing.IppWire;

namespace KestrelTlsUpgrade.Tests.Samples;

/// <summary>A request from a pipe, and its document behind it (RFC 8010 section 3.10).</summary>
public sealed class IppReaderTests
{
    private static readonly byte[] Document = [.. "%PDF-1.7"u8, 0x03, 0x01, .. new byte[3000]];

    [Fact]
    public async Task ReadAsync_OctetByOctet_IsTheSameAsAtOnce()
    {
        var wire = IppSamples.Everything;
        var expected = IppReading.Of(wire).Verdict[$"complete, {wire.Length}: ".Length..];

        var pipe = new Pipe();
        await pipe.Writer.WriteAsync((byte[])[.. wire, .. Document]);
        Assert.Equal(expected, IppText.Of(await IppReader.ReadAsync(pipe.Reader, new IppParser(), CancellationToken.None)));

        // Nobody has to send more before what has come of the document can be read.
        Assert.True(pipe.Reader.TryRead(out var rest));
        Assert.Equal(Document, rest.Buffer.ToArray());

        pipe = new Pipe();
        var reading = IppReader.ReadAsync(pipe.Reader, new IppParser(), CancellationToken.None);
        foreach (var octet in wire)
        {
            Assert.False(reading.IsCompleted);
            await pipe.Writer.WriteAsync((byte[])[octet]);
        }

        Assert.Equal(expected, IppText.Of(await reading));
        await pipe.Writer.WriteAsync(Document);
        Assert.Equal(Document, await ReadRestAsync(pipe));
    }

    /// <summary>A value that is longer than what a pipe holds back is read all the same.</summary>
    [Fact]
    public async Task ReadAsync_MoreThanThePipeHolds_IsRead()
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 64, resumeWriterThreshold: 32, useSynchronizationContext: false));
        var writing = WriteAsync();
        Assert.Single((await IppReader.ReadAsync(pipe.Reader, new IppParser(), CancellationToken.None)).Groups);
        await writing;

        async Task WriteAsync()
        {
            foreach (var piece in Request(Field(0x60, "a", new byte[short.MaxValue])).Chunk(1000))
            {
                await pipe.Writer.WriteAsync(piece);
            }
        }
    }

    /// <summary>A request that is cut after any octet is a bad one, and its beginning is kept for the answer.</summary>
    [Fact]
    public async Task ReadAsync_CutAnywhere_IsABadRequest()
    {
        var wire = Request(Field(0x47, "attributes-charset", "utf-8"), BeginCollection("c"), Member("a"), More(0x21, Int32(1)), EndCollection);
        for (var length = 0; length < wire.Length; length++)
        {
            foreach (var comesWithItsEnd in (bool[])[false, true])
            {
                var pipe = new Pipe();
                var parser = new IppParser();
                var reading = comesWithItsEnd ? Task.FromResult<IppMessage>(null!) : IppReader.ReadAsync(pipe.Reader, parser, CancellationToken.None);
                await pipe.Writer.WriteAsync(wire.AsMemory(0, length));
                await pipe.Writer.CompleteAsync();
                reading = comesWithItsEnd ? IppReader.ReadAsync(pipe.Reader, parser, CancellationToken.None) : reading;
                var refusal = await Assert.ThrowsAsync<IppException>(() => reading);
                Assert.Equal(IppStatus.BadRequest, refusal.Status);
                Assert.Equal(length < 8, parser.Message is null);
            }
        }
    }

    /// <summary>Whoever answers a refused request still has to get rid of its content.</summary>
    [Fact]
    public async Task ReadAsync_Refused_LeavesThePipeToBeReadOn()
    {
        byte[][] refused =
        [
            Message([0x00]), Request(Field(0x22, "flag", 2)), Request(Field(0x42, "n", new byte[256])), Message(OperationGroup, [0x41], Int16(-1)),
            new byte[IppParser.MaxLength + 1],
        ];
        foreach (var wire in refused)
        {
            var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
            await pipe.Writer.WriteAsync((byte[])[.. wire, .. Document]);
            await Assert.ThrowsAsync<IppException>(() => IppReader.ReadAsync(pipe.Reader, new IppParser(), CancellationToken.None));
            Assert.Equal(Document, (await ReadRestAsync(pipe))[^Document.Length..]);
        }
    }

    [Fact]
    public async Task ReadAsync_Canceled_Ends()
    {
        var pipe = new Pipe();
        using var cancellation = new CancellationTokenSource();
        var reading = IppReader.ReadAsync(pipe.Reader, new IppParser(), cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
    }

    /// <summary>A client that vanishes is a failure of the connection, not one of its request.</summary>
    [Fact]
    public async Task ReadAsync_ConnectionFails_IsThrown()
    {
        var pipe = new Pipe();
        await pipe.Writer.WriteAsync(Header(0x0200, 2, 1));
        await pipe.Writer.CompleteAsync(new IOException("gone"));
        await Assert.ThrowsAsync<IOException>(() => IppReader.ReadAsync(pipe.Reader, new IppParser(), CancellationToken.None));
    }

    private static async Task<byte[]> ReadRestAsync(Pipe pipe)
    {
        await pipe.Writer.CompleteAsync();
        var rest = new ArrayBufferWriter<byte>();
        while (true)
        {
            var result = await pipe.Reader.ReadAsync();
            foreach (var segment in result.Buffer)
            {
                rest.Write(segment.Span);
            }

            pipe.Reader.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
            {
                return rest.WrittenSpan.ToArray();
            }
        }
    }
}
