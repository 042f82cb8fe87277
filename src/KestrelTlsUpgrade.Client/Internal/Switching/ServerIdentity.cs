using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace KestrelTlsUpgrade.Client.Internal.Switching;

/// <summary>
/// The check of the server's name on top of the platform's, which takes the common name where a certificate has no other
/// (RFC 9525 section 2 forbids that).
/// </summary>
internal static class ServerIdentity
{
    /// <summary>The platform's findings, and a name mismatch where only the common name matched.</summary>
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
            // Not a name that a certificate can have.
            return false;
        }
    }

    /// <summary>What was wrong, for a message.</summary>
    public static string Describe(SslPolicyErrors errors, X509Chain? chain)
    {
        var statuses = chain?.ChainStatus.Select(status => status.Status.ToString()).Distinct().ToArray() ?? [];
        return statuses.Length == 0 ? errors.ToString() : $"{errors} ({string.Join(", ", statuses)})";
    }
}
