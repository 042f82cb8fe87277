namespace KestrelTlsUpgrade.Internal.ResponseHead;

/// <summary>What the octets received so far are.</summary>
internal enum HeadJudgement
{
    /// <summary>The beginning of a head.</summary>
    Incomplete,

    /// <summary>A complete head, possibly followed by other data.</summary>
    Complete,

    /// <summary>Not the head of an HTTP/1.x response, whatever follows.</summary>
    Malformed,

    /// <summary>A head that is longer than the limit.</summary>
    TooLong,

    /// <summary>A head with more than <see cref="ResponseHeadReader.MaxFields"/> fields.</summary>
    TooManyFields,
}
