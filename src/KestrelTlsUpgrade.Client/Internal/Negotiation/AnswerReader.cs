using KestrelTlsUpgrade.Internal.ResponseHead;

namespace KestrelTlsUpgrade.Client.Internal.Negotiation;

/// <summary>Reads the answer to an upgrade request, in clear text or inside TLS, within the limits.</summary>
internal sealed class AnswerReader(Stream stream, AnswerReader.Limits limits, string peer)
{
    private byte[] _buffer = new byte[1024];
    private int _start;
    private int _end;

    /// <summary>Number of bytes received but not consumed.</summary>
    public int Buffered => _end - _start;

    /// <summary>Sends the upgrade request, unless the peer has already sent something: that cannot be an answer.</summary>
    public async Task AskAsync(ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        // The read starts before the request is written, so bytes that were already received cannot pass for the answer.
        var reading = stream.ReadAsync(_buffer, cancellationToken);
        if (reading.IsCompleted)
        {
            var early = await reading.ConfigureAwait(false);
            throw early == 0
                ? Ended()
                : new UpgradeException(HttpRequestError.InvalidResponse, $"{peer} sent {early} bytes before any request.");
        }

        try
        {
            await stream.WriteAsync(request, cancellationToken).ConfigureAwait(false);
            await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException)
        {
            // The peer may have answered and closed already; the pending read will show it.
        }

        Take(await reading.ConfigureAwait(false));
    }

    /// <summary>Reads the head of the final answer, skipping interim responses.</summary>
    public async Task<AnswerHead> ReadHeadAsync(CancellationToken cancellationToken)
    {
        for (var interim = 0; interim <= limits.InterimResponses; interim++)
        {
            var head = await ReadAnyHeadAsync(cancellationToken).ConfigureAwait(false);
            if (!head.IsInterim)
            {
                return head;
            }
        }

        throw new UpgradeException(
            HttpRequestError.ConfigurationLimitExceeded,
            $"{peer} sent more than {limits.InterimResponses} interim responses ({nameof(TlsUpgradeClientOptions.MaxInterimResponses)}).");
    }

    /// <summary>Whether the peer has ended the connection.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Waits for more bytes. Returns false if the peer has ended the connection.</summary>
    public async Task<bool> WaitAsync(CancellationToken cancellationToken)
    {
        if (Buffered > 0)
        {
            return true;
        }

        _start = _end = 0;
        _end = await stream.ReadAsync(_buffer, cancellationToken).ConfigureAwait(false);
        HasEnded = _end == 0;
        return !HasEnded;
    }

    /// <summary>Skips the content. Returns false if that exceeds the limits or would consume the connection.</summary>
    public async Task<bool> TrySkipContentAsync(AnswerHead head, CancellationToken cancellationToken) => head.Content switch
    {
        AnswerHead.Framing.None => true,
        AnswerHead.Framing.Length => head.ContentLength <= limits.ContentSize
            && await TrySkipAsync((int)head.ContentLength, cancellationToken).ConfigureAwait(false),
        AnswerHead.Framing.Chunked => await TrySkipChunksAsync(cancellationToken).ConfigureAwait(false),
        _ => false,
    };

    /// <summary>The exception for a connection that the peer ended too early.</summary>
    public UpgradeException Ended() =>
        new(HttpRequestError.ResponseEnded, $"{peer} ended the connection before its answer was complete.");

    private async Task<AnswerHead> ReadAnyHeadAsync(CancellationToken cancellationToken)
    {
        var progress = default(HeadProgress);
        while (true)
        {
            switch (ResponseHeadReader.Judge(_buffer.AsSpan(_start, Buffered), limits.HeadSize, ref progress, out var head))
            {
                case HeadJudgement.Complete:
                    _start += head.Length;
                    return AnswerHead.Of(head) ?? throw NotHttp();
                case HeadJudgement.Malformed:
                    throw NotHttp();
                case HeadJudgement.TooLong:
                    throw TooLong();
                case HeadJudgement.TooManyFields:
                    throw TooManyFields();
                default:
                    await ReadMoreAsync(limits.HeadSize, cancellationToken).ConfigureAwait(false);
                    break;
            }
        }
    }

    private async Task ReadMoreAsync(int limit, CancellationToken cancellationToken)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, Buffered).CopyTo(_buffer);
            (_start, _end) = (0, Buffered);
        }

        if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, Math.Min(_buffer.Length * 2, Math.Max(limit, _buffer.Length)));
        }

        Take(await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false));
    }

    private void Take(int count) => _end += count > 0 ? count : throw Ended();

    private async Task<bool> TrySkipAsync(int count, CancellationToken cancellationToken)
    {
        while (count > 0)
        {
            if (!await WaitAsync(cancellationToken).ConfigureAwait(false))
            {
                return false;
            }

            var skipped = Math.Min(count, Buffered);
            _start += skipped;
            count -= skipped;
        }

        return true;
    }

    private async Task<bool> TrySkipChunksAsync(CancellationToken cancellationToken)
    {
        var chunks = new ChunkedContent();
        var budget = limits.ContentSize;
        while (true)
        {
            if (!await WaitAsync(cancellationToken).ConfigureAwait(false))
            {
                return false;
            }

            var taken = chunks.Take(_buffer.AsSpan(_start, Buffered));
            _start += taken;
            budget -= taken;
            if (chunks.State is not ChunkedContent.Progress.More || budget < 0)
            {
                return chunks.State is ChunkedContent.Progress.Complete && budget >= 0;
            }
        }
    }

    private UpgradeException TooLong() => new(
        HttpRequestError.ConfigurationLimitExceeded,
        $"The head of the answer of {peer} is longer than {limits.HeadSize} bytes ({nameof(TlsUpgradeClientOptions.MaxUpgradeResponseHeadSize)}).");

    private UpgradeException TooManyFields() => new(
        HttpRequestError.ConfigurationLimitExceeded,
        $"The head of the answer of {peer} has more than {ResponseHeadReader.MaxFields} fields.");

    private UpgradeException NotHttp() =>
        new(HttpRequestError.InvalidResponse, $"{peer} answered with something that is not HTTP/1.1.");

    /// <summary>Limits for reading an answer.</summary>
    internal sealed record Limits(int HeadSize, int ContentSize, int InterimResponses);
}
