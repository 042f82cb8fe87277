using System.Buffers;

namespace KestrelTlsUpgrade.Connections.Sniffing;

/// <summary>Checks of a request line that Kestrel's parser does not make (RFC 9112 section 3).</summary>
internal static class RequestLine
{
    /// <summary>
    /// Whether exactly one space separates the target from the version. Kestrel accepts several, and any other byte.
    /// </summary>
    /// <param name="head">The head.</param>
    /// <param name="targetEnd">The end of the target in the head.</param>
    /// <param name="lineEnd">The end of the line, including its line break.</param>
    public static bool HasPlainVersion(ReadOnlySequence<byte> head, long targetEnd, long lineEnd) =>
        lineEnd - targetEnd == " HTTP/1.1\r\n".Length && head.Slice(targetEnd).FirstSpan[0] == ' ';
}
