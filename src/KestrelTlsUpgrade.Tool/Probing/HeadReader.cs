using KestrelTlsUpgrade.Internal.ResponseHead;

namespace KestrelTlsUpgrade.Tool.Probing;

/// <summary>Reads response heads, in clear text or inside TLS, within the limits.</summary>
internal sealed class HeadReader(Stream stream)
{
    public const int MaxHeadSize = 32 * 1024;
    public const int MaxInterimResponses = 8;
    public const int MaxContentSize = 1024 * 1024;

    private byte[] _buffer = new byte[4096];
    private int _length;

    /// <summary>Number of bytes received after the last head.</summary>
    public int Buffered => _length;

    /// <summary>Whether those bytes are another response, or the start of one.</summary>
    public bool IsAnotherBuffered => _buffer.AsSpan(0, _length).StartsWith("HTTP/1."u8);

    /// <summary>Reads the next head, skipping interim responses.</summary>
    /// <exception cref="ProbeException">No head was received.</exception>
    public async Task<ResponseHead> ReadAsync(CancellationToken cancellationToken)
    {
        for (var interim = 0; interim <= MaxInterimResponses; interim++)
        {
            var head = await ReadAnyAsync(cancellationToken)
                ?? throw new ProbeException("the server closed the connection without an answer");
            if (!head.IsInterim)
            {
                return head;
            }
        }

        throw new ProbeException($"more than {MaxInterimResponses} interim responses");
    }

    /// <summary>Reads the next head, interim or not. Returns <see langword="null"/> at the end of the connection.</summary>
    /// <exception cref="ProbeException">The bytes received are not a valid head.</exception>
    public async Task<ResponseHead?> ReadAnyAsync(CancellationToken cancellationToken)
    {
        var progress = default(HeadProgress);
        while (true)
        {
            switch (ResponseHeadReader.Judge(_buffer.AsSpan(0, _length), MaxHeadSize, ref progress, out var head))
            {
                case HeadJudgement.Complete:
                    return Take(head);
                case HeadJudgement.Malformed:
                    throw new ProbeException("the answer is not HTTP/1.1");
                case HeadJudgement.TooLong:
                    throw new ProbeException($"the head of the response is longer than {MaxHeadSize} bytes");
                case HeadJudgement.TooManyFields:
                    throw new ProbeException($"the head of the response has more than {ResponseHeadReader.MaxFields} fields");
            }

            if (!await FillAsync(cancellationToken))
            {
                return _length == 0 ? null : throw new ProbeException("the connection ended within the head of a response");
            }
        }
    }

    /// <summary>Reads past the content of the response whose head was read last, and which was not to a HEAD.</summary>
    /// <exception cref="ProbeException">The content is cut or too long, or only the end of the connection ends it.</exception>
    public async Task SkipContentAsync(ResponseHead head, CancellationToken cancellationToken)
    {
        var rest = head.IsChunked ? MaxContentSize : head.ContentLength
            ?? throw new ProbeException("only the end of the connection ends the content of the response");
        var chunks = head.IsChunked ? new ChunkedContent() : null;
        while (chunks is null ? rest > 0 : chunks.State is ChunkedContent.Progress.More)
        {
            if (rest > MaxContentSize || (chunks is not null && rest == 0))
            {
                throw new ProbeException($"the content of the response is longer than {MaxContentSize} bytes");
            }

            if (_length == 0 && !await FillAsync(cancellationToken))
            {
                throw new ProbeException("the connection ended within the content of a response");
            }

            var available = _buffer.AsSpan(0, (int)Math.Min(_length, rest));
            var taken = chunks?.Take(available) ?? available.Length;
            Drop(taken);
            rest -= taken;
        }

        if (chunks is { State: ChunkedContent.Progress.Malformed })
        {
            throw new ProbeException("the chunks of the content are malformed");
        }
    }

    private void Drop(int count)
    {
        _buffer.AsSpan(count, _length - count).CopyTo(_buffer);
        _length -= count;
    }

    private ResponseHead Take(ReceivedHead received)
    {
        var head = new ResponseHead(received);
        Drop(received.Length);
        return head;
    }

    private async Task<bool> FillAsync(CancellationToken cancellationToken)
    {
        if (_length == _buffer.Length)
        {
            Array.Resize(ref _buffer, Math.Min(_buffer.Length * 2, MaxHeadSize));
        }

        var count = await stream.ReadAsync(_buffer.AsMemory(_length), cancellationToken);
        _length += count;
        return count > 0;
    }
}
