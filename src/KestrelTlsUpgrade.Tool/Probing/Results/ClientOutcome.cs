namespace KestrelTlsUpgrade.Tool.Probing.Results;

/// <summary>How a client's handshake after a 101 ended.</summary>
internal enum ClientOutcome
{
    /// <summary>With application data.</summary>
    Answered,

    /// <summary>With an alert, or the end of the connection.</summary>
    Refused,

    /// <summary>With nothing within the timeout, or it did not come to a handshake.</summary>
    Unclear,
}
