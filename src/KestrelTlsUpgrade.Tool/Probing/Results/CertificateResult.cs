namespace KestrelTlsUpgrade.Tool.Probing.Results;

/// <summary>The server's certificate after an upgrade. All but the error have no value where there is none.</summary>
/// <param name="Subject">The subject's distinguished name.</param>
/// <param name="Issuer">The issuer's distinguished name.</param>
/// <param name="Names">The DNS names and addresses it is for; the common name is none (RFC 9525 section 2).</param>
/// <param name="NotBefore">When it begins, in UTC.</param>
/// <param name="NotAfter">When it ends, in UTC.</param>
/// <param name="DaysLeft">Whole days until then, negative afterwards.</param>
/// <param name="IsInDate">Whether it has begun and not ended.</param>
/// <param name="MatchesHost">Whether the host of the URI is among its names.</param>
/// <param name="IsTrusted">Whether its chain is trusted, the name aside.</param>
/// <param name="TrustProblems">What is wrong with the chain.</param>
/// <param name="Sha256">Its fingerprint in hexadecimal.</param>
/// <param name="Error">Why there is none.</param>
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
