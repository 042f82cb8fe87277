namespace KestrelTlsUpgrade.Client.Internal.Negotiation;

/// <summary>What an answer in clear text means for the upgrade.</summary>
internal enum AnswerVerdict
{
    /// <summary>TLS starts with the next byte.</summary>
    Switch,

    /// <summary>A final response: the server goes on in clear text (RFC 2817 section 3.1).</summary>
    Refused,

    /// <summary>A 101 that does not name TLS: the server switches to something that was not asked for.</summary>
    WrongProtocol,

    /// <summary>Bytes stand behind the 101. Nobody may speak before the client does: they are an attack or a defect.</summary>
    EarlyBytes,
}
