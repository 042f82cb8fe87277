using KestrelTlsUpgrade.Internal.HttpSyntax;

namespace KestrelTlsUpgrade.Internal.ResponseHead;

/// <summary>The first line of a response (RFC 9112 section 4).</summary>
internal readonly ref struct StatusLine
{
    private StatusLine(int minorVersion, int status, ReadOnlySpan<byte> reason)
    {
        MinorVersion = minorVersion;
        Status = status;
        Reason = reason;
    }

    private static ReadOnlySpan<byte> Version => "HTTP/1."u8;

    /// <summary>The digit behind <c>HTTP/1.</c>. A higher one than 1 is read as 1 (RFC 9110 section 2.5).</summary>
    public int MinorVersion { get; }

    /// <summary>
    /// From 100 to 999. No status above 599 is defined, but such an answer is to be treated as one of the 5xx class (RFC 9110 section 15),
    /// so what to do with it is the caller's decision.
    /// </summary>
    public int Status { get; }

    public ReadOnlySpan<byte> Reason { get; }

    /// <summary>Whether the octets can be the beginning of a status line.</summary>
    public static bool CanBegin(ReadOnlySpan<byte> octets) => Version.StartsWith(octets[..Math.Min(octets.Length, Version.Length)]);

    /// <summary>
    /// Reads a line without its line break. The space behind the status code may be missing with the reason phrase: a server has to send
    /// it, but not all do, and nothing becomes ambiguous without it.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> line, out StatusLine statusLine)
    {
        statusLine = default;
        if (!line.StartsWith(Version)
            || line[Version.Length..] is not
                [var minor and >= (byte)'0' and <= (byte)'9', (byte)' ', var class_ and >= (byte)'1' and <= (byte)'9',
                    var tens and >= (byte)'0' and <= (byte)'9', var units and >= (byte)'0' and <= (byte)'9', .. var rest]
            || (!rest.IsEmpty && rest[0] != ' ')
            || !FieldText.IsValid(rest))
        {
            return false;
        }

        var status = ((class_ - '0') * 100) + ((tens - '0') * 10) + (units - '0');
        statusLine = new StatusLine(minor - '0', status, rest.IsEmpty ? rest : rest[1..]);
        return true;
    }
}
