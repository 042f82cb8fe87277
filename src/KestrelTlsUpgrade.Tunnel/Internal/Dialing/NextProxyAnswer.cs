using System.Globalization;
using System.Text;

namespace KestrelTlsUpgrade.Tunnel.Internal.Dialing;

/// <summary>The answer of the next proxy to a CONNECT.</summary>
/// <param name="Status">Its status.</param>
/// <param name="Fields">Its fields, as they came.</param>
/// <param name="Content">Its content, where that is there in full; otherwise none.</param>
internal sealed record NextProxyAnswer(int Status, IReadOnlyList<(string Name, string Value)> Fields, ReadOnlyMemory<byte> Content)
{
    private const int MaxInterim = 8;

    /// <summary>What it says of length and coding has no meaning then (RFC 9110 section 9.3.6).</summary>
    public bool IsTunnel => Status is >= 200 and < 300;

    private int? ContentLength
    {
        get
        {
            var lengths = GetValues("Content-Length").Distinct().ToArray();
            return !GetValues("Transfer-Encoding").Any()
                && lengths is [var length]
                && int.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
                ? value
                : null;
        }
    }

    /// <summary>Reads the answer past interim ones, and what came behind it.</summary>
    public static async Task<(NextProxyAnswer Answer, ReadOnlyMemory<byte> Early)> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var buffer = new byte[NextProxy.MaxAnswerSize];
        var (start, end) = (0, 0);
        for (var interim = 0; interim <= MaxInterim;)
        {
            var length = buffer.AsSpan(start, end - start).IndexOf("\r\n\r\n"u8);
            if (length < 0)
            {
                end += end < buffer.Length
                    ? await ReadAsync(stream, buffer.AsMemory(end), cancellationToken)
                    : throw new InvalidDataException("The next proxy's answer is too long.");
                continue;
            }

            var answer = Parse(buffer.AsSpan(start, length)) ?? throw new InvalidDataException("The next proxy's answer is not HTTP/1.1.");
            start += length + 4;
            if (answer.Status is >= 200)
            {
                return answer.IsTunnel
                    ? (answer, buffer[start..end])
                    : (await answer.WithContentAsync(stream, buffer.AsMemory(start, end - start), cancellationToken), default);
            }

            interim++;
        }

        throw new InvalidDataException("The next proxy sends no answer, only interim ones.");
    }

    /// <summary>Reads a head without the empty line at its end. <see langword="null"/> if it is not one of HTTP/1.x.</summary>
    public static NextProxyAnswer? Parse(ReadOnlySpan<byte> head)
    {
        var lines = Encoding.Latin1.GetString(head).Split("\r\n");
        if (lines[0] is not ['H', 'T', 'T', 'P', '/', '1', '.', >= '0' and <= '9', ' ', .. var rest]
            || (rest.Length > 3 && rest[3] != ' ')
            || rest.Length < 3
            || !int.TryParse(rest.AsSpan(0, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var status)
            || status is < 100 or 101 or > 599)
        {
            return null;
        }

        var fields = new List<(string, string)>();
        foreach (var line in lines.Skip(1))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon < 1 || line.AsSpan().ContainsAnyInRange('\0', '\x08') || line.AsSpan().ContainsAnyInRange('\x0A', '\x1F'))
            {
                return null;
            }

            fields.Add((line[..colon], line[(colon + 1)..].Trim(' ', '\t')));
        }

        return new(status, fields, default);
    }

    public IEnumerable<string> GetValues(string name) =>
        Fields.Where(field => Is(field.Name, name)).Select(static field => field.Value);

    private async Task<NextProxyAnswer> WithContentAsync(Stream stream, ReadOnlyMemory<byte> begun, CancellationToken cancellationToken)
    {
        if (ContentLength is not { } length || length > NextProxy.MaxAnswerSize)
        {
            return this;
        }

        var content = new byte[length];
        var count = Math.Min(begun.Length, length);
        begun[..count].CopyTo(content);
        try
        {
            await stream.ReadExactlyAsync(content.AsMemory(count), cancellationToken);
            return this with { Content = content };
        }
        catch (IOException)
        {
            return this;
        }
    }

    private static async ValueTask<int> ReadAsync(Stream stream, Memory<byte> buffer, CancellationToken cancellationToken) =>
        await stream.ReadAsync(buffer, cancellationToken) is > 0 and var count
            ? count
            : throw new IOException("The next proxy closed the connection before it answered.");

    private static bool Is(string name, string expected) => name.Equals(expected, StringComparison.OrdinalIgnoreCase);
}
