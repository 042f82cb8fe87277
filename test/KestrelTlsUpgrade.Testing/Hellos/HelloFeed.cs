using System.Buffers;
using KestrelTlsUpgrade.Internal.Tls.Hellos;

namespace KestrelTlsUpgrade.Testing;

/// <summary>A transport that shows what has come, and what was not consumed of it, to the reader of the ClientHello.</summary>
internal sealed class HelloFeed
{
    private readonly ClientHelloAssembler _assembler = new();
    private ByteSegment? _first;
    private ByteSegment? _last;
    private int _start;

    public ClientHelloProgress Progress { get; private set; }

    public ClientHello? Hello => _assembler.Hello;

    /// <summary>The hello as one record, or nothing if it is still where it was read.</summary>
    public ReadOnlyMemory<byte> Record => _assembler.Record;

    /// <summary>How much has come and was consumed.</summary>
    public long Consumed { get; private set; }

    /// <summary>Shows the reader one piece after the other until it knows enough.</summary>
    public static HelloFeed Of(IEnumerable<ReadOnlyMemory<byte>> pieces)
    {
        var feed = new HelloFeed();
        foreach (var piece in pieces)
        {
            if (feed.Add(piece) is not ClientHelloProgress.Incomplete)
            {
                break;
            }
        }

        return feed;
    }

    public static HelloFeed Of(ReadOnlyMemory<byte> bytes) => Of([bytes]);

    public static HelloFeed OctetByOctet(ReadOnlyMemory<byte> bytes) => Of(Enumerable.Range(0, bytes.Length).Select(i => bytes.Slice(i, 1)));

    public ClientHelloProgress Add(ReadOnlyMemory<byte> piece)
    {
        _last = _last?.Append(piece) ?? new ByteSegment(piece);
        _first ??= _last;
        var buffer = new ReadOnlySequence<byte>(_first, _start, _last, piece.Length);
        Progress = _assembler.Take(buffer, out var consumed);
        Consumed += buffer.Slice(0, consumed).Length;
        (_first, _start) = ((ByteSegment)consumed.GetObject()!, consumed.GetInteger());
        return Progress;
    }
}
