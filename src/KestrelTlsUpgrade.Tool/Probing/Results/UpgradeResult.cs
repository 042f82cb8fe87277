using System.Text.Json.Serialization;

namespace KestrelTlsUpgrade.Tool.Probing.Results;

/// <summary>The result of an upgrade attempt.</summary>
/// <param name="Way">Where on the connection the upgrade was requested.</param>
/// <param name="Request">The method and target.</param>
/// <param name="Offer">The Upgrade field of the request.</param>
/// <param name="Outcome">The outcome.</param>
/// <param name="Status">The status code of the plaintext answer.</param>
/// <param name="SwitchedTo">The Upgrade field of the 101.</param>
/// <param name="ConnectionNamesUpgrade">Whether the 101 has <c>Connection: upgrade</c> (RFC 9110 section 7.8).</param>
/// <param name="TlsVersion">The TLS version of the handshake.</param>
/// <param name="CipherSuite">The cipher suite of the handshake.</param>
/// <param name="AnswerStatus">The status code inside TLS.</param>
/// <param name="Error">Why the attempt ended early.</param>
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
    string? Error = null)
{
    /// <summary>The request before it on the connection, if it was not the first.</summary>
    [JsonIgnore]
    public ProbeRequest? Before { get; init; }
}

/// <summary>The outcome of an upgrade attempt.</summary>
internal enum UpgradeOutcome
{
    /// <summary>A 101, a TLS handshake, and the answer to the request inside TLS.</summary>
    Upgraded,

    /// <summary>A plaintext answer other than 101.</summary>
    Refused,

    /// <summary>A 101, but no answer inside TLS.</summary>
    Broken,

    /// <summary>No answer.</summary>
    Failed,
}

/// <summary>Where on a connection an upgrade is requested, and with which request.</summary>
internal enum UpgradeWay
{
    /// <summary>A request for a resource, the first on a connection.</summary>
    FirstRequest,

    /// <summary><c>OPTIONS *</c>, the first on a connection (RFC 2817 section 3.2).</summary>
    FirstOptions,

    /// <summary>A request for a resource after another plaintext request.</summary>
    LaterRequest,
}
