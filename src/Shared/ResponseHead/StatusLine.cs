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

    /// <summary>The digit after <c>HTTP/1.</c>. A digit above 1 is treated as 1 (RFC 9110 section 2.5).</summary>
    public int MinorVersion { get; }

    /// <summary>
    /// From 100 to 999. No status above 599 is defined, but a recipient should treat one as 5xx (RFC 9110 section 15), so the caller
    /// decides what to do with it.
    /// </summary>
    public int Status { get; }

    public ReadOnlySpan<byte> Reason { get; }

    /// <summary>Whether the octets can be the beginning of a status line.</summary>
    public static bool CanBegin(ReadOnlySpan<byte> octets) => Version.StartsWith(octets[..Math.Min(octets.Length, Version.Length)]);

    /// <summary>
    /// Parses a line without its line break. The space after the status code may be missing if the reason phrase is: servers must send it,
    /// but not all do, and the line is unambiguous without it.
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
