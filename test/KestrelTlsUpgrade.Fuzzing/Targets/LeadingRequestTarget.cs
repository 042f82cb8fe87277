using System.Buffers;
using System.Text;
using KestrelTlsUpgrade.Fuzzing.Input;
using KestrelTlsUpgrade.Tunnel;
using KestrelTlsUpgrade.Tunnel.Internal.Arrival;
using KestrelTlsUpgrade.Tunnel.Internal.Policy;
using Microsoft.Extensions.DependencyInjection;

namespace KestrelTlsUpgrade.Fuzzing.Targets;

/// <summary>
/// What Kestrel reads of a connection that begins with a request: all of it, or all before a request that is not for it, and that is still
/// there.
/// </summary>
internal static class LeadingRequestTarget
{
    /// <summary>From here on all is taken: choices can be such that nothing is.</summary>
    private const int MaxRounds = 64;

    private const int MaxLineLength = 8192;

    private static readonly byte[][] Heads =
    [
        .. new[]
        {
            "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET http://own.test/ HTTP/1.1\r\nHost: own.test\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n\r\nCONNECT ",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n8;a=b\r\nCONNECT \r\n0\r\nA: b\r\n\r\n",
        }.Select(Encoding.ASCII.GetBytes),
    ];

    private static readonly ServedHosts Hosts = new(new ConnectTunnelOptions { ServedHosts = { "own.test" } }, new ServiceCollection().BuildServiceProvider());

    public static void Run(FuzzInput input)
    {
        var head = input.Pick(Heads);
        byte[] wire = [.. head, .. input.Wire];
        var inner = new SegmentedPipeReader(input.Cut(wire), input.Flip());
        var reader = new HttpInput(inner, MaxLineLength, Hosts, null, isUnclear: false, count: null);
        var consumed = 0;
        var isCompleted = false;
        var end = wire.Length;
        for (var round = 0; !isCompleted || consumed < end; round++)
        {
            // HTTP begins a request with ReadAsync.
            if (IsAtNext(wire, head.Length, consumed) || !input.Flip() || !reader.TryRead(out var read))
            {
                read = Oracle.AtOnce(reader.ReadAsync());
            }

            isCompleted = read.IsCompleted;
            var length = (int)read.Buffer.Length;
            Oracle.Holds(!read.IsCanceled, "Nobody has cancelled.");
            if (reader.IsFollowed)
            {
                Oracle.Holds(isCompleted && read.Buffer.IsEmpty, "Before another's request the connection ends.");
                Oracle.Holds(consumed >= head.Length, "The first request is for HTTP.");
                end = consumed;
            }

            Oracle.Holds(read.Buffer.ToArray().AsSpan().SequenceEqual(wire.AsSpan(consumed, length)), "What comes out is what came.");

            // Kestrel takes the request and no more, and after that whatever it likes.
            var limit = consumed < head.Length ? Math.Min(length, head.Length - consumed) : length;
            var taken = round > MaxRounds || (isCompleted && input.Choose(4) == 0) ? limit : input.Choose(limit + 1);
            var seen = consumed + taken == head.Length || isCompleted ? taken : length;
            reader.AdvanceTo(read.Buffer.GetPosition(taken), read.Buffer.GetPosition(seen));
            consumed += taken;
        }

        var rest = new ReadOnlySequence<byte>(wire, head.Length, wire.Length - head.Length);
        var isForOther = RequestStart.Classify(rest, MaxLineLength, Hosts, null, out _) is RequestStartKind.Connect or RequestStartKind.Misdirected;
        Oracle.Same(isForOther, reader.IsFollowed && IsAtNext(wire, head.Length, end), "It ends before a request that is not for HTTP.");
        Oracle.Same(end, (int)inner.Consumed, "What has not been read is still there.");
    }

    /// <summary>Whether nothing of the request behind the first one has been taken.</summary>
    private static bool IsAtNext(byte[] wire, int headLength, int consumed) =>
        consumed >= headLength && !wire.AsSpan(headLength, consumed - headLength).ContainsAnyExcept((byte)'\r', (byte)'\n');
}
