namespace KestrelTlsUpgrade.Client.Internal.Negotiation;

/// <summary>Decides what an answer in clear text means.</summary>
internal static class AnswerJudge
{
    /// <summary>
    /// A 101 counts if it names a TLS token, of any version and in any case (RFC 9110 section 7.8). Its Connection field does not:
    /// no version of CUPS sends <c>upgrade</c> there.
    /// </summary>
    /// <param name="head">The head of a response that is not interim.</param>
    /// <param name="bytesBehind">How much has been received behind it.</param>
    public static AnswerVerdict Judge(AnswerHead head, int bytesBehind) => head switch
    {
        { Status: not 101 } => AnswerVerdict.Refused,
        { TlsToken: null } => AnswerVerdict.WrongProtocol,
        _ => bytesBehind == 0 ? AnswerVerdict.Switch : AnswerVerdict.EarlyBytes,
    };
}
