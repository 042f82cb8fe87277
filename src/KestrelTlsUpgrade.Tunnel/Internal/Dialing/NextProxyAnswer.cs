using System.Globalization;
using System.Text;
using KestrelTlsUpgrade.Internal.ResponseHead;

namespace KestrelTlsUpgrade.Tunnel.Internal.Dialing;

/// <summary>The next proxy's answer to a CONNECT.</summary>
/// <param name="Status">Its status.</param>
/// <param name="Fields">Its fields, as received.</param>
/// <param name="Content">Its content if it was received completely; otherwise empty.</param>
internal sealed record NextProxyAnswer(int Status, IReadOnlyList<(string Name, string Value)> Fields, ReadOnlyMemory<byte> Content)
{
    private const int MaxInterim = 8;

    /// <summary>Content-Length and Transfer-Encoding have no meaning in a successful answer (RFC 9110 section 9.3.6).</summary>
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

    /// <summary>Reads the final answer, skipping interim ones, and returns the bytes received after it.</summary>
    public static async Task<(NextProxyAnswer Answer, ReadOnlyMemory<byte> Early)> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var buffer = new byte[NextProxy.MaxAnswerSize];
        var (start, end) = (0, 0);
        var progress = default(HeadProgress);
        for (var interim = 0; interim <= MaxInterim;)
        {
            switch (ResponseHeadReader.Judge(buffer.AsSpan(start, end - start), buffer.Length - start, ref progress, out var head))
            {
                case HeadJudgement.Incomplete:
                    end += await ReadAsync(stream, buffer.AsMemory(end), cancellationToken);
                    continue;
                case HeadJudgement.TooLong or HeadJudgement.TooManyFields:
                    throw new InvalidDataException("The next proxy's answer is too long.");
                case HeadJudgement.Malformed:
                    throw NotHttp();
            }

            var answer = Of(head) ?? throw NotHttp();
            start += head.Length;
            if (answer.Status is >= 200)
            {
                return answer.IsTunnel
                    ? (answer, buffer[start..end])
                    : (await answer.WithContentAsync(stream, buffer.AsMemory(start, end - start), cancellationToken), default);
            }

            progress = default;
            interim++;
        }

        throw new InvalidDataException("The next proxy sent too many interim answers.");
    }

    /// <summary>
    /// Creates an answer from its head. Returns <see langword="null"/> for a status that is not valid in answer to CONNECT.
    /// </summary>
    public static NextProxyAnswer? Of(ReceivedHead head)
    {
        if (head.StatusLine.Status is 101 or > 599)
        {
            return null;
        }

        var fields = new List<(string, string)>();
        foreach (var field in head)
        {
            fields.Add((Encoding.Latin1.GetString(field.Name), Encoding.Latin1.GetString(field.Value)));
        }

        return new(head.StatusLine.Status, fields, default);
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

    private static InvalidDataException NotHttp() => new("The next proxy's answer is not HTTP/1.1.");

    private static bool Is(string name, string expected) => name.Equals(expected, StringComparison.OrdinalIgnoreCase);
}
