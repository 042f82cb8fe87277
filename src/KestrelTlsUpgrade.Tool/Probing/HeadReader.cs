using KestrelTlsUpgrade.Internal.ResponseHead;

namespace KestrelTlsUpgrade.Tool.Probing;

/// <summary>Reads response heads, in clear text or inside TLS, within the limits.</summary>
internal sealed class HeadReader(Stream stream)
{
    public const int MaxHeadSize = 32 * 1024;
    public const int MaxInterimResponses = 8;

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

    private ResponseHead Take(ReceivedHead received)
    {
        var head = new ResponseHead(received);
        _buffer.AsSpan(received.Length, _length - received.Length).CopyTo(_buffer);
        _length -= received.Length;
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
