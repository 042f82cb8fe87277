namespace KestrelTlsUpgrade.Client.Internal.Negotiation;

/// <summary>How the content of an answer ends (RFC 9112 section 6.3).</summary>
internal enum AnswerContent
{
    None,
    Length,
    Chunked,
    UntilClose,
}
