using System.Buffers;
using System.Net;
using System.Text;
using KestrelTlsUpgrade.Tunnel.Internal.Policy;

namespace KestrelTlsUpgrade.Tunnel.Internal.Arrival;

/// <summary>
/// Tells from the first bytes of a request whether Kestrel's HTTP gets it. Those that do not are CONNECT, and requests whose sender takes
/// this server for a proxy that forwards them (RFC 9112 section 3.2.2).
/// </summary>
internal static class RequestStart
{
    /// <summary>Longer than any method that is in use.</summary>
    private const int MaxMethodLength = 32;

    /// <summary>Longer than any name with a port.</summary>
    private const int MaxAuthorityLength = 300;

    private static readonly SearchValues<byte> MethodBytes = SearchValues.Create(
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    private static readonly byte[][] Schemes = ["http://"u8.ToArray(), "https://"u8.ToArray()];

    private static readonly SearchValues<byte> AuthorityEnds = SearchValues.Create("/?#\\ \t\r\n"u8);

    /// <param name="bytes">The bytes received so far.</param>
    /// <param name="hosts">For which authorities HTTP serves requests.</param>
    /// <param name="local">The connection's local endpoint.</param>
    /// <param name="misdirected">The request, if it is misdirected.</param>
    public static RequestStartKind Classify(in ReadOnlySequence<byte> bytes, ServedHosts hosts, EndPoint? local, out MisdirectedRequest? misdirected)
    {
        misdirected = null;
        var reader = new SequenceReader<byte>(bytes);
        reader.AdvancePastAny((byte)'\r', (byte)'\n');
        if (reader.End)
        {
            return RequestStartKind.Empty;
        }

        Span<byte> start = stackalloc byte[MaxMethodLength + 1 + "https://".Length + MaxAuthorityLength];
        start = start[..(int)Math.Min(reader.Remaining, start.Length)];
        reader.TryCopyTo(start);
        var methodLength = start.IndexOfAnyExcept(MethodBytes);
        if (methodLength < 0)
        {
            return start.Length > MaxMethodLength ? RequestStartKind.Http : RequestStartKind.Undecided;
        }

        if (methodLength is 0 or > MaxMethodLength || start[methodLength] != ' ')
        {
            return RequestStartKind.Http;
        }

        var method = start[..methodLength];
        if (method.SequenceEqual("CONNECT"u8))
        {
            return RequestStartKind.Connect;
        }

        var kind = ClassifyTarget(start[(methodLength + 1)..], hosts, local, out var authority);
        misdirected = kind is RequestStartKind.Misdirected ? new(authority!, method.SequenceEqual("HEAD"u8)) : null;
        return kind;
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
