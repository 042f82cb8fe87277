namespace KestrelTlsUpgrade.Tool.Probing.Results;

/// <summary>What came of asking for an upgrade.</summary>
/// <param name="Way">Where on the connection it was asked for.</param>
/// <param name="Request">The method and target.</param>
/// <param name="Offer">The Upgrade field of the request.</param>
/// <param name="Outcome">What came of it.</param>
/// <param name="Status">The status code in clear text.</param>
/// <param name="SwitchedTo">The Upgrade field of the 101.</param>
/// <param name="ConnectionNamesUpgrade">Whether the 101 has <c>Connection: upgrade</c> (RFC 9110 section 7.8).</param>
/// <param name="TlsVersion">The TLS version of the handshake.</param>
/// <param name="CipherSuite">The cipher suite of the handshake.</param>
/// <param name="AnswerStatus">The status code inside TLS.</param>
/// <param name="Error">Why it went no further.</param>
internal sealed record UpgradeResult(
    UpgradeWay Way,
    string Request,
    string Offer,
    UpgradeOutcome Outcome = UpgradeOutcome.Failed,
    int? Status = null,
    IReadOnlyList<string>? SwitchedTo = null,
    bool? ConnectionNamesUpgrade = null,
    string? TlsVersion = null,
    string? CipherSuite = null,
    int? AnswerStatus = null,
    string? Error = null);

/// <summary>What came of asking for an upgrade.</summary>
internal enum UpgradeOutcome
{
    /// <summary>A 101, a TLS handshake, and the answer to the request inside TLS.</summary>
    Upgraded,

    /// <summary>An answer in clear text.</summary>
    Refused,

    /// <summary>A 101, and then no answer inside TLS.</summary>
    Broken,

    /// <summary>No answer at all.</summary>
    Failed,
}

/// <summary>Where on a connection an upgrade is asked for, and with what.</summary>
internal enum UpgradeWay
{
    /// <summary>A request for a resource, the first of a connection.</summary>
    FirstRequest,

    /// <summary><c>OPTIONS *</c>, the first of a connection (RFC 2817 section 3.2).</summary>
    FirstOptions,

    /// <summary>A request for a resource, behind another one in clear text.</summary>
    LaterRequest,
}
