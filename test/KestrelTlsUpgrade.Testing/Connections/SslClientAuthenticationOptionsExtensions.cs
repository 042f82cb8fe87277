using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace KestrelTlsUpgrade.Testing;

internal static class SslClientAuthenticationOptionsExtensions
{
    /// <summary>
    /// Gives a certificate to a server that asks for one, whatever issuers it names. In both ways that there are: a session of
    /// another connection without a certificate would be resumed otherwise.
    /// </summary>
    public static void Present(this SslClientAuthenticationOptions options, X509Certificate2? certificate)
    {
        if (certificate is not null)
        {
            options.ClientCertificates = [certificate];
            options.LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate;
        }
    }
}
