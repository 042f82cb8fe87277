using System.Net.Security;
using System.Security.Authentication;
using KestrelTlsUpgrade.Internal.Versions;

namespace KestrelTlsUpgrade.Client.Internal.Switching;

/// <summary>The TLS settings of a handshake: the caller's, combined with the rules for upgraded connections.</summary>
internal static class TlsSettings
{
    /// <summary>The versions that the client has enabled, and therefore the tokens that it offers (RFC 9325 section 3.1.1).</summary>
    public static SslProtocols VersionsOf(SslClientAuthenticationOptions caller) =>
        caller.EnabledSslProtocols is SslProtocols.None ? TlsVersion.Recommended : caller.EnabledSslProtocols;

    /// <summary>Creates the settings for one handshake.</summary>
    /// <param name="caller">The caller's settings, which are not modified.</param>
    /// <param name="host">The host of the URI. SslStream does not send an IP address as a server name.</param>
    /// <param name="protocols">The ALPN protocol ids.</param>
    /// <param name="rejected">Receives the reason if the server's certificate is rejected.</param>
    public static SslClientAuthenticationOptions Create(
        SslClientAuthenticationOptions caller, string host, ProtocolOffer protocols, Action<string> rejected)
    {
        var settings = caller.Copy();
        settings.AllowRenegotiation = false;
        settings.EnabledSslProtocols = VersionsOf(caller);
        settings.TargetHost = host;
        settings.ApplicationProtocols = protocols.Ids;
        settings.RemoteCertificateValidationCallback = (sender, certificate, chain, errors) =>
        {
            errors = ServerIdentity.Check(certificate, host, errors);
            var isAccepted = caller.RemoteCertificateValidationCallback?.Invoke(sender, certificate, chain, errors)
                ?? errors is SslPolicyErrors.None;
            if (!isAccepted)
            {
                rejected(ServerIdentity.Describe(errors, chain));
            }

            return isAccepted;
        };
        return settings;
    }
}
