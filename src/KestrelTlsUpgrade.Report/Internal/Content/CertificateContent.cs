using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KestrelTlsUpgrade.Internal.Certificates;

namespace KestrelTlsUpgrade.Report.Internal.Content;

/// <param name="Origin">Where it is from.</param>
/// <param name="State">Whether it is valid.</param>
/// <param name="Subject">Whose it is.</param>
/// <param name="Issuer">Whom it is from.</param>
/// <param name="Names">The names that it is for.</param>
/// <param name="NotBefore">When it begins to be valid.</param>
/// <param name="NotAfter">When it ends to be valid.</param>
/// <param name="DaysLeft">The whole days until then; below zero where it has expired.</param>
/// <param name="Sha256">Its fingerprint.</param>
internal sealed record CertificateContent(
    string Origin,
    CertificateState State,
    string? Subject = null,
    string? Issuer = null,
    IReadOnlyList<string>? Names = null,
    DateTimeOffset? NotBefore = null,
    DateTimeOffset? NotAfter = null,
    int? DaysLeft = null,
    string? Sha256 = null)
{
    public static CertificateContent Of(LoadedCertificate loaded, DateTimeOffset now)
    {
        var certificate = loaded.Certificate;
        try
        {
            return new(
                loaded.Origin,
                FindState(certificate, now),
                certificate.Subject,
                certificate.Issuer,
                [.. CertificateNames.Of(certificate)],
                certificate.NotBefore.ToUniversalTime(),
                certificate.NotAfter.ToUniversalTime(),
                (int)Math.Floor((certificate.NotAfter - now).TotalDays),
                certificate.GetCertHashString(HashAlgorithmName.SHA256));
        }
        catch (CryptographicException)
        {
            return new(loaded.Origin, CertificateState.Unreadable);
        }
    }

    private static CertificateState FindState(X509Certificate2 certificate, DateTimeOffset now) =>
        now > certificate.NotAfter ? CertificateState.Expired
        : now < certificate.NotBefore ? CertificateState.NotYetValid
        : CertificateValidity.IsDue(certificate, now) ? CertificateState.ExpiresSoon
        : CertificateState.Valid;
}

internal enum CertificateState
{
    Valid,

    /// <summary>It expires within days.</summary>
    ExpiresSoon,

    Expired,

    NotYetValid,

    /// <summary>It cannot be read: the application has disposed it.</summary>
    Unreadable,
}
