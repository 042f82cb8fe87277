using System.Text;
using KestrelTlsUpgrade.Client.Internal.Switching;

namespace KestrelTlsUpgrade.Tool.Requests;

/// <summary>
/// Rewrites a request for the options of <c>/</c> to <c>OPTIONS *</c>, which HttpClient cannot send itself. For a proxy, that is a URI
/// without a path (RFC 9112 section 3.2.4).
/// </summary>
internal sealed class ServerWideStream(Stream inner) : WrappedStream(inner)
{
    public override void Write(ReadOnlySpan<byte> buffer) => Inner.Write(Rewrite(buffer) ?? buffer);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        Inner.WriteAsync(Rewrite(buffer.Span) ?? buffer, cancellationToken);

    /// <summary>The bytes with the new target if they start a request; <see langword="null"/> if they do not.</summary>
    internal static byte[]? Rewrite(ReadOnlySpan<byte> bytes)
    {
        var start = "OPTIONS "u8;
        var end = " HTTP/1.1\r\n"u8;
        var length = bytes.StartsWith(start) ? bytes[start.Length..].IndexOf(end) : -1;
        if (length < 1 || bytes[start.Length + length - 1] != (byte)'/')
        {
            return null;
        }

        var target = Encoding.ASCII.GetString(bytes.Slice(start.Length, length - 1));
        return [.. start, .. Encoding.ASCII.GetBytes(target.Length == 0 ? "*" : target), .. bytes[(start.Length + length)..]];
    }
}
