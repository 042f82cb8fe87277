using System.Net.Security;
using System.Security.Authentication;
using KestrelTlsUpgrade.Internal.Connections;
using KestrelTlsUpgrade.Internal.Versions;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace KestrelTlsUpgrade.Internal.Tls;

/// <summary>The upgrade's own rules for a TLS handshake, on top of the owner's settings.</summary>
internal static class HandshakeRules
{
    /// <summary>
    /// As long as a timer can wait. Kestrel takes <see cref="Timeout.InfiniteTimeSpan"/> for a timeout, and then sets a timer that throws on
    /// every connection.
    /// </summary>
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromMilliseconds(uint.MaxValue - 1);

    public static SslProtocols OrDefault(SslProtocols versions) => versions is SslProtocols.None ? TlsVersion.Recommended : versions;

    public static void Apply(HttpsConnectionAdapterOptions https)
    {
        https.SslProtocols = OrDefault(https.SslProtocols);
        https.HandshakeTimeout = Bound(https.HandshakeTimeout);
        var onAuthenticate = https.OnAuthenticate;
        https.OnAuthenticate = (connection, authentication) =>
        {
            onAuthenticate?.Invoke(connection, authentication);
            Apply(connection, authentication, asksLate: https.ClientCertificateMode is ClientCertificateMode.DelayCertificate);
            HandshakeTracing.Note(
                connection, authentication, requiresCertificate: https.ClientCertificateMode is ClientCertificateMode.RequireCertificate);
        };
        HandshakeTracing.WatchValidation(https);

        if (https.ServerCertificateSelector is { } select)
        {
            // RFC 2817 section 1: the Host of the request in clear text can stand in for a server name that is not sent.
            https.ServerCertificateSelector = (connection, name) => select(
                connection, string.IsNullOrEmpty(name) ? (connection is null ? null : UpgradeConnection.Of(connection.Features))?.Upgrade?.Host ?? name : name);
        }
    }

    public static TlsHandshakeCallbackOptions Apply(TlsHandshakeCallbackOptions callback) => new()
    {
        HandshakeTimeout = Bound(callback.HandshakeTimeout),
        OnConnectionState = callback.OnConnectionState,
        OnConnection = async context =>
        {
            // The application may hand out the same settings to every connection, so they are not ours to change.
            var authentication = AuthenticationSettings.Copy(await callback.OnConnection(context));
            Apply(context.Connection, authentication, asksLate: context.AllowDelayedClientCertificateNegotation);
            HandshakeTracing.Note(context.Connection, authentication, requiresCertificate: false, isOfCallback: true);
            HandshakeTracing.WatchValidation(authentication);
            return authentication;
        },
    };

    private static TimeSpan Bound(TimeSpan timeout) => timeout < LongestTimeout ? timeout : LongestTimeout;

    private static void Apply(ConnectionContext connection, SslServerAuthenticationOptions authentication, bool asksLate)
    {
        authentication.EnabledSslProtocols = OrDefault(authentication.EnabledSslProtocols);

        // A ClientHello of a renegotiation would be judged by nobody.
        authentication.AllowRenegotiation = false;

        // .NET lets sessions be resumed on every endpoint with the same certificate. One where the client was not asked for its own
        // would be refused here, and one where it was would carry the certificate to where nobody asks.
        authentication.AllowTlsResume &= !asksLate
            && authentication is { ClientCertificateRequired: false, RemoteCertificateValidationCallback: null };

        if (UpgradeConnection.Of(connection.Features)?.Upgrade is { } upgrade)
        {
            authentication.ApplicationProtocols = ApplicationProtocols.For(upgrade);
        }

        HandshakeTracing.WatchServerCertificate(connection, authentication);
    }
}
