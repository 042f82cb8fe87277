using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace KestrelTlsUpgrade.Internal.Negotiation;

/// <summary>
/// The ALPN protocol id that binds a TLS handshake to the preceding plaintext request: <c>http/1.1-upgraded=</c> and the SHA-256 of the
/// request's canonical form, in base64url without padding. ALPN is part of the handshake transcript, so a request that was replaced or
/// changed on the path does not match.
/// </summary>
/// <remarks>
/// The canonical form is the method, a space, the target and a line feed, followed by a line for each field: the name in lower case, a
/// colon, the value without surrounding spaces and tabs, and a line feed. Lines are sorted by the octets of their names in ascending order;
/// lines with the same name keep the order of the request. <c>Connection</c> and <c>Upgrade</c> are omitted, because they do not outlive
/// the switch.
/// </remarks>
internal static class RequestMark
{
    /// <summary>Computes the protocol id for a request.</summary>
    /// <param name="head">The head of the request, valid and complete, with or without its upgrade fields.</param>
    public static string Of(ReadOnlySpan<byte> head)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Canonicalize(head), hash);
        return AwareClient.BoundAlpnPrefix + Base64Url.EncodeToString(hash);
    }

    /// <summary>Computes the canonical form of a head.</summary>
    public static ReadOnlySpan<byte> Canonicalize(ReadOnlySpan<byte> head)
    {
        var canonical = new ArrayBufferWriter<byte>(head.Length);
        var startLine = TakeLine(ref head);
        canonical.Write(startLine[..startLine.LastIndexOf((byte)' ')]);
        canonical.Write("\n"u8);
        foreach (var (name, value) in ReadFields(head).OrderBy(static field => field.Name, StringComparer.Ordinal))
        {
            Encoding.ASCII.GetBytes(name, canonical);
            canonical.Write(":"u8);
            canonical.Write(value);
            canonical.Write("\n"u8);
        }

        return canonical.WrittenSpan;
    }

    private static List<(string Name, byte[] Value)> ReadFields(ReadOnlySpan<byte> lines)
    {
        var fields = new List<(string Name, byte[] Value)>();
        for (var line = TakeLine(ref lines); !line.IsEmpty; line = TakeLine(ref lines))
        {
            var colon = line.IndexOf((byte)':');
            var name = Encoding.ASCII.GetString(line[..colon]).ToLowerInvariant();
            if (name is not ("connection" or "upgrade"))
            {
                fields.Add((name, line[(colon + 1)..].Trim(" \t"u8).ToArray()));
            }
        }

        return fields;
    }

    private static ReadOnlySpan<byte> TakeLine(ref ReadOnlySpan<byte> lines)
    {
        var end = lines.IndexOf("\r\n"u8);
        var line = lines[..end];
        lines = lines[(end + 2)..];
        return line;
    }
}
