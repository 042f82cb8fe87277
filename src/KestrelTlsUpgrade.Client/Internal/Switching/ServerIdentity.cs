using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace KestrelTlsUpgrade.Client.Internal.Switching;

/// <summary>
/// Checks the server's name more strictly than the platform, which falls back to the common name if the certificate has no other name (RFC
/// 9525 section 2 forbids that).
/// </summary>
internal static class ServerIdentity
{
    /// <summary>The platform's errors, plus a name mismatch if only the common name matched.</summary>
    public static SslPolicyErrors Check(X509Certificate? certificate, string host, SslPolicyErrors errors)
    {
        if (certificate is null || errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            return errors;
        }

        return Matches((X509Certificate2)certificate, host) ? errors : errors | SslPolicyErrors.RemoteCertificateNameMismatch;
    }

    private static bool Matches(X509Certificate2 certificate, string host)
    {
        try
        {
            return certificate.MatchesHostname(host, allowWildcards: true, allowCommonName: false);
        }
        catch (ArgumentException)
        {
            // No certificate can contain such a name.
            return false;
        }
    }

    /// <summary>Describes the errors for a message.</summary>
    public static string Describe(SslPolicyErrors errors, X509Chain? chain)
    {
        var statuses = chain?.ChainStatus.Select(status => status.Status.ToString()).Distinct().ToArray() ?? [];
        return statuses.Length == 0 ? errors.ToString() : $"{errors} ({string.Join(", ", statuses)})";
    }
}
