namespace KestrelTlsUpgrade.Tool.Probing.Results;

/// <summary>The server's certificate after an upgrade. If there is none, only the error is set.</summary>
/// <param name="Subject">The subject's distinguished name.</param>
/// <param name="Issuer">The issuer's distinguished name.</param>
/// <param name="Names">The DNS names and addresses it is valid for; the common name does not count (RFC 9525 section 2).</param>
/// <param name="NotBefore">Start of its validity, in UTC.</param>
/// <param name="NotAfter">End of its validity, in UTC.</param>
/// <param name="DaysLeft">Whole days until its end, negative after it.</param>
/// <param name="IsInDate">Whether it is currently within its validity.</param>
/// <param name="MatchesHost">Whether the host of the URI is among its names.</param>
/// <param name="IsTrusted">Whether its chain is trusted, regardless of the name.</param>
/// <param name="TrustProblems">The errors of its chain.</param>
/// <param name="Sha256">Its fingerprint in hexadecimal.</param>
/// <param name="Error">Why there is no certificate.</param>
internal sealed record CertificateResult(
    string? Subject = null,
    string? Issuer = null,
    IReadOnlyList<string>? Names = null,
    DateTimeOffset? NotBefore = null,
    DateTimeOffset? NotAfter = null,
    int? DaysLeft = null,
    bool? IsInDate = null,
    bool? MatchesHost = null,
    bool? IsTrusted = null,
    IReadOnlyList<string>? TrustProblems = null,
    string? Sha256 = null,
    string? Error = null);
