namespace KestrelTlsUpgrade.Client.Internal.Negotiation;

/// <summary>How much of an answer is read.</summary>
internal sealed record AnswerLimits(int HeadSize, int ContentSize, int InterimResponses);
