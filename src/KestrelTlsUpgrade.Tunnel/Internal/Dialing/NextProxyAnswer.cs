using System.Text;
using KestrelTlsUpgrade.Internal.ResponseHead;

namespace KestrelTlsUpgrade.Tunnel.Internal.Dialing;

/// <summary>The next proxy's answer to a CONNECT.</summary>
/// <param name="Status">Its status.</param>
/// <param name="Fields">Its fields, as received.</param>
/// <param name="Content">
/// Its content, or as much of content without a length as came in time. Empty if it was broken off, or is longer than the limit.
/// </param>
internal sealed record NextProxyAnswer(int Status, IReadOnlyList<(string Name, string Value)> Fields, ReadOnlyMemory<byte> Content)
{
    private const int MaxInterim = 8;

    /// <summary>Content-Length and Transfer-Encoding have no meaning in a successful answer (RFC 9110 section 9.3.6).</summary>
    public bool IsTunnel => Status is >= 200 and < 300;

    /// <summary>How long content is waited for. The caller waits for the answer meanwhile, and the status is all that it needs.</summary>
    private static readonly TimeSpan ContentTimeout = TimeSpan.FromSeconds(2);

    /// <summary>Reads the final answer, skipping interim ones, and returns the bytes received after it.</summary>
    public static async Task<(NextProxyAnswer Answer, ReadOnlyMemory<byte> Early)> ReadAsync(
        Stream stream, TimeProvider timeProvider, CancellationToken cancellationToken)
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
                    : (await answer.WithContentAsync(stream, buffer.AsMemory(start, end - start), timeProvider, cancellationToken), default);
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

    private async Task<NextProxyAnswer> WithContentAsync(
        Stream stream, ReadOnlyMemory<byte> begun, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        using var time = new CancellationTokenSource(ContentTimeout, timeProvider);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(time.Token, cancellationToken);
        var content = AnswerContent.Of(this);
        var buffer = new byte[4096];
        content.Add(begun.Span);
        try
        {
            while (content.IsIncomplete)
            {
                var count = await stream.ReadAsync(buffer.AsMemory(0, Math.Min(buffer.Length, content.Wanted)), stop.Token);
                if (count == 0)
                {
                    break;
                }

                content.Add(buffer.AsSpan(0, count));
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // The status is known.
        }

        return this with { Content = content.Received };
    }

    private static async ValueTask<int> ReadAsync(Stream stream, Memory<byte> buffer, CancellationToken cancellationToken) =>
        await stream.ReadAsync(buffer, cancellationToken) is > 0 and var count
            ? count
            : throw new IOException("The next proxy closed the connection before it answered.");

    private static InvalidDataException NotHttp() => new("The next proxy's answer is not HTTP/1.1.");

    private static bool Is(string name, string expected) => name.Equals(expected, StringComparison.OrdinalIgnoreCase);
}
