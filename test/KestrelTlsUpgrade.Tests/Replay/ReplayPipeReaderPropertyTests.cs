using System.Buffers;
using System.IO.Pipelines;
using KestrelTlsUpgrade.Internal.Replay;
using KestrelTlsUpgrade.Tests.Support;

namespace KestrelTlsUpgrade.Tests.Replay;

/// <summary>
/// Whatever a reader takes and examines, and however the bytes come: it gets the head, then the rest, and nothing else.
/// </summary>
public sealed class ReplayPipeReaderPropertyTests
{
    private const int Seeds = 250;

    [Fact]
    public async Task ReadAndTryRead_Pipe_GiveHeadFollowedByInner()
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            // Small segments make for reads of many.
            var pipe = CreatePipe(new SmallBuffers(1 + (seed % 7)));
            await RunAsync(new Random(seed), pipe, pipe.Reader, isTryReadExact: true);
        }
    }

    [Fact]
    public async Task ReadAndTryRead_Stream_GiveHeadFollowedByInner()
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            var pipe = CreatePipe(MemoryPool<byte>.Shared);
            var stream = PipeReader.Create(
                pipe.Reader.AsStream(), new StreamPipeReaderOptions(bufferSize: 1 + (seed % 7), minimumReadSize: 1));
            await RunAsync(new Random(seed), pipe, stream, isTryReadExact: false);
        }
    }

    private static async Task RunAsync(Random random, Pipe pipe, PipeReader inner, bool isTryReadExact)
    {
        var head = RandomBytes(random, random.Next(1, 20));
        var expected = (byte[])[.. head, .. RandomBytes(random, random.Next(0, 40))];
        var reader = new ReplayPipeReader(head, inner);
        var headTaken = 0;
        reader.OnHeadTaken(() => headTaken++);
        var written = head.Length;
        var consumed = 0;
        var examined = 0;
        do
        {
            Task<ReadResult>? pending = null;
            if (examined >= Math.Max(head.Length, written) && written < expected.Length)
            {
                // There is nothing to read that has not been examined.
                Assert.False(isTryReadExact && reader.TryRead(out _));
                pending = reader.ReadAsync().AsTask();
                Assert.False(pending.IsCompleted);
            }

            if (written < expected.Length && (pending is not null || random.Next(2) == 0))
            {
                written += await WriteAsync(pipe.Writer, expected, written, random);
            }

            if (written == expected.Length)
            {
                await pipe.Writer.CompleteAsync();
            }

            if (pending is not null || random.Next(2) == 0 || !reader.TryRead(out var read))
            {
                read = await (pending ?? reader.ReadAsync().AsTask()).WaitAsync(TestConnection.Patience);
            }

            Advance(read);
        }
        while (consumed < expected.Length);

        await pipe.Writer.CompleteAsync();
        var end = await reader.ReadAsync().AsTask().WaitAsync(TestConnection.Patience);
        Assert.True(end.IsCompleted && end.Buffer.IsEmpty);
        Assert.Equal(1, headTaken);

        void Advance(ReadResult read)
        {
            var length = (int)read.Buffer.Length;
            Assert.False(read.IsCanceled);
            Assert.Equal(expected[consumed..(consumed + length)], read.Buffer.ToArray());
            if (examined < head.Length)
            {
                Assert.Equal(head.Length, consumed + length);
                Assert.False(read.IsCompleted);
            }

            var take = random.Next(length + 1);
            var least = Math.Max(take, examined - consumed);
            var seen = random.Next(3) == 0 || read.IsCompleted ? length : random.Next(least, length + 1);
            reader.AdvanceTo(read.Buffer.GetPosition(take), read.Buffer.GetPosition(seen));
            examined = consumed + seen;
            consumed += take;
            Assert.Equal(consumed >= head.Length ? 1 : 0, headTaken);
        }
    }

    private static Pipe CreatePipe(MemoryPool<byte> memory) => new(new PipeOptions(
        memory, PipeScheduler.Inline, PipeScheduler.Inline, 0, 0, minimumSegmentSize: 1, useSynchronizationContext: false));

    private static async Task<int> WriteAsync(PipeWriter writer, byte[] all, int start, Random random)
    {
        var count = random.Next(1, all.Length - start + 1);
        await writer.WriteAsync(all.AsMemory(start, count));
        return count;
    }

    private static byte[] RandomBytes(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }
}
