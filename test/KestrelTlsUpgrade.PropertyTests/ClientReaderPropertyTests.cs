extern alias Client;
using System.Text;
using Client::KestrelTlsUpgrade.Client.Internal.Negotiation;
using Client::KestrelTlsUpgrade.Internal.ResponseHead;
using CsCheck;
using KestrelTlsUpgrade.Fuzzing;
using KestrelTlsUpgrade.Fuzzing.Input;

namespace KestrelTlsUpgrade.PropertyTests;

/// <summary>What the client's readers must not miss: a reader that accepts nothing would keep the rules of the targets, too.</summary>
public sealed class ClientReaderPropertyTests
{
    private static readonly AnswerReader.Limits Limits = new(16 * 1024, 64 * 1024, 8);

    private static readonly Gen<string> Extension = Gen.OneOf("", ";a=b", " ; a=\"b\"", "\t");

    private static readonly Gen<(byte[] Bytes, string Extension, bool IsUpper)> Chunk =
        Gen.Select(Gen.Byte.Array[1, 300], Extension, Gen.Bool);

    private static readonly Gen<byte[]> Chunks =
        Gen.Select(Chunk.Array[0, 5], Gen.Int[1, 20], Messages.Field.Array[0, 3], Encode);

    [Fact]
    public void Take_ChunkedContent_EndsWhereItEnds() =>
        Gen.Select(Chunks, Gen.Byte.Array[0, 20], Messages.Choices).Sample(
            (content, behind, choices) =>
            {
                var input = Messages.ToInput(choices, [.. content, .. behind]);
                var chunks = new ChunkedContent();
                var taken = input.Cut(input.Wire).Sum(piece => chunks.Take(piece.Span));
                Assert.Equal((ChunkedContent.Progress.Complete, content.Length), (chunks.State, taken));
            },
            iter: 3000);

    [Fact]
    public void Read_PlainAnswer_EndsBehindItsContent() =>
        Gen.Select(Gen.Int[200, 203], Messages.Field.Array[0, 8], Gen.Bool, Chunks, Messages.Choices).Sample(
            (status, fields, isChunked, content, choices) =>
            {
                var framing = isChunked ? "Transfer-Encoding: chunked" : $"Content-Length: {content.Length}";
                var head = Messages.Join([$"HTTP/1.1 {status} X", framing, .. fields.Select(Messages.ToLine)]);
                var input = Messages.ToInput(choices, [.. Encoding.ASCII.GetBytes(head), .. content, .. "HTTP/1.1 "u8]);

                var stream = new SegmentedStream(input.Cut(input.Wire));
                var reader = new AnswerReader(stream, Limits, "peer");
                var answer = Oracle.AtOnce(reader.ReadHeadAsync(CancellationToken.None));
                Assert.Equal(status, answer.Status);
                Assert.True(Oracle.AtOnce(reader.TrySkipContentAsync(answer, CancellationToken.None)));
                Assert.Equal(head.Length + content.Length, stream.Consumed - reader.Buffered);
            },
            iter: 3000);

    private static byte[] Encode((byte[] Bytes, string Extension, bool IsUpper)[] chunks, int zeros, (string Name, string Value)[] trailer)
    {
        using var content = new MemoryStream();
        foreach (var (bytes, extension, isUpper) in chunks)
        {
            content.Write(Encoding.ASCII.GetBytes(bytes.Length.ToString(isUpper ? "X" : "x4") + extension + "\r\n"));
            content.Write(bytes);
            content.Write("\r\n"u8);
        }

        content.Write(Encoding.ASCII.GetBytes(new string('0', zeros) + "\r\n"));
        content.Write(Encoding.ASCII.GetBytes(Messages.Join([.. trailer.Select(Messages.ToLine)])));
        return content.ToArray();
    }
}
