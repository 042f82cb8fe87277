using System.Buffers;

namespace KestrelTlsUpgrade.Connections.Sniffing;

/// <summary>What Kestrel's parser does not look at in a request line (RFC 9112 section 3).</summary>
internal static class RequestLine
{
    /// <summary>
    /// Whether one space and nothing else stands between the target and the version. Kestrel takes more of them, and any other
    /// byte.
    /// </summary>
    /// <param name="head">The head.</param>
    /// <param name="targetEnd">Where the target ends in it.</param>
    /// <param name="lineEnd">Where the line ends, with its line break.</param>
    public static bool HasPlainVersion(ReadOnlySequence<byte> head, long targetEnd, long lineEnd) =>
        lineEnd - targetEnd == " HTTP/1.1\r\n".Length && head.Slice(targetEnd).FirstSpan[0] == ' ';
}
