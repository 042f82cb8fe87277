using System.Buffers;
using System.Net;
using System.Text;
using KestrelTlsUpgrade.Internal.HttpSyntax;
using KestrelTlsUpgrade.Tunnel.Internal.Policy;

namespace KestrelTlsUpgrade.Tunnel.Internal.Arrival;

/// <summary>
/// Tells from the first bytes of a request whether Kestrel's HTTP gets it. Those that do not are CONNECT, and requests whose sender takes
/// this server for a proxy that forwards them (RFC 9112 section 3.2.2).
/// </summary>
internal static class RequestStart
{
    /// <summary>Longer than any name with a port.</summary>
    private const int MaxAuthorityLength = 300;

    private static readonly byte[][] Schemes = ["http://"u8.ToArray(), "https://"u8.ToArray()];

    private static readonly SearchValues<byte> AuthorityEnds = SearchValues.Create("/?#\\ \t\r\n"u8);

    /// <param name="bytes">The bytes received so far.</param>
    /// <param name="maxLineLength">Maximum length of a request line, which Kestrel enforces. It has no other limit for a method.</param>
    /// <param name="hosts">For which authorities HTTP serves requests.</param>
    /// <param name="local">The connection's local endpoint.</param>
    /// <param name="misdirected">The request, if it is misdirected.</param>
    public static RequestStartKind Classify(
        in ReadOnlySequence<byte> bytes, int maxLineLength, ServedHosts hosts, EndPoint? local, out MisdirectedRequest? misdirected)
    {
        misdirected = null;
        var reader = new SequenceReader<byte>(bytes);
        reader.AdvancePastAny((byte)'\r', (byte)'\n');
        if (reader.End)
        {
            return RequestStartKind.Empty;
        }

        if (reader.IsNext("CONNECT "u8))
        {
            return RequestStartKind.Connect;
        }

        var isHead = reader.IsNext("HEAD "u8);
        var methodLength = CountMethodBytes(reader.UnreadSequence);
        if (methodLength == reader.Remaining)
        {
            return methodLength > maxLineLength ? RequestStartKind.Http : RequestStartKind.Undecided;
        }

        reader.Advance(methodLength);
        if (methodLength == 0 || !reader.IsNext((byte)' ', advancePast: true))
        {
            return RequestStartKind.Http;
        }

        Span<byte> target = stackalloc byte["https://".Length + MaxAuthorityLength];
        target = target[..(int)Math.Min(reader.Remaining, target.Length)];
        reader.TryCopyTo(target);
        var kind = ClassifyTarget(target, hosts, local, out var authority);
        misdirected = kind is RequestStartKind.Misdirected ? new(authority!, isHead) : null;
        return kind;
    }

    private static long CountMethodBytes(in ReadOnlySequence<byte> bytes)
    {
        var count = 0L;
        foreach (var segment in bytes)
        {
            var end = segment.Span.IndexOfAnyExcept(HttpToken.Octets);
            if (end >= 0)
            {
                return count + end;
            }

            count += segment.Length;
        }

        return count;
    }

    private static RequestStartKind ClassifyTarget(ReadOnlySpan<byte> target, ServedHosts hosts, EndPoint? local, out string? text)
    {
        text = null;
        foreach (var scheme in Schemes)
        {
            var begun = target[..Math.Min(target.Length, scheme.Length)];
            if (!Ascii.EqualsIgnoreCase(begun, scheme.AsSpan(0, begun.Length)))
            {
                continue;
            }

            if (begun.Length < scheme.Length)
            {
                return RequestStartKind.Undecided;
            }

            var authority = target[begun.Length..];
            var isHttps = scheme.Length == "https://".Length;
            var end = authority.IndexOfAny(AuthorityEnds);
            if (end < 0 && authority.Length < MaxAuthorityLength)
            {
                return RequestStartKind.Undecided;
            }

            text = ToText(end < 0 ? authority : authority[..end]);
            return end >= 0 && hosts.Contains(text, isHttps, local) ? RequestStartKind.Http : RequestStartKind.Misdirected;
        }

        return RequestStartKind.Http;
    }

    /// <summary>It is compared and logged. No authority has a character that is replaced.</summary>
    private static string ToText(ReadOnlySpan<byte> authority)
    {
        var text = Encoding.ASCII.GetString(authority);
        return string.Create(text.Length, text, static (shown, text) =>
        {
            for (var i = 0; i < shown.Length; i++)
            {
                shown[i] = text[i] is > ' ' and <= '~' ? text[i] : '?';
            }
        });
    }
}
