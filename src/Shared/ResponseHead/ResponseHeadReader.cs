namespace KestrelTlsUpgrade.Internal.ResponseHead;

/// <summary>
/// Reads the head of an HTTP/1.x response (RFC 9112 sections 4 and 5). Accepts none of what the RFC lets a lenient recipient accept: bare
/// line feeds, folded lines, whitespace around a field name. A head that two readers could understand differently is malformed.
/// </summary>
internal static class ResponseHeadReader
{
    /// <summary>Limit of field lines. No real server comes near it.</summary>
    public const int MaxFields = 256;

    /// <summary>
    /// Judges a head line by line as it arrives. The judgement depends only on the octets, not on how many arrive at a time, and every
    /// judgement except <see cref="HeadJudgement.Incomplete"/> is final.
    /// </summary>
    /// <param name="received">The octets received so far, from the first one of the head.</param>
    /// <param name="maxLength">Limit of the head's length, including its empty line.</param>
    /// <param name="progress">Where the previous call for this head stopped.</param>
    /// <param name="head">The head, if it is complete.</param>
    public static HeadJudgement Judge(ReadOnlySpan<byte> received, int maxLength, ref HeadProgress progress, out ReceivedHead head)
    {
        head = default;
        var readable = received[..Math.Min(received.Length, maxLength)];
        while (true)
        {
            var rest = readable[progress.Length..];
            var lineFeed = rest.IndexOf((byte)'\n');
            if (lineFeed < 0)
            {
                return progress.Length == 0 && !StatusLine.CanBegin(rest) ? HeadJudgement.Malformed
                    : readable.Length == maxLength ? HeadJudgement.TooLong
                    : HeadJudgement.Incomplete;
            }

            if (lineFeed == 0 || rest[lineFeed - 1] != '\r')
            {
                return HeadJudgement.Malformed;
            }

            var line = rest[..(lineFeed - 1)];
            var isStatusLine = progress.Length == 0;
            progress.Length += lineFeed + 1;
            if (isStatusLine)
            {
                if (!StatusLine.TryParse(line, out _))
                {
                    return HeadJudgement.Malformed;
                }
            }
            else if (line.IsEmpty)
            {
                head = new ReceivedHead(received[..progress.Length]);
                return HeadJudgement.Complete;
            }
            else if (++progress.FieldCount > MaxFields)
            {
                return HeadJudgement.TooManyFields;
            }
            else if (!FieldLine.TryParse(line, out _))
            {
                return HeadJudgement.Malformed;
            }
        }
    }
}
