using System.Net.Security;
using System.Security.Authentication;
using KestrelTlsUpgrade.Internal.Middleware;
using KestrelTlsUpgrade.Internal.Versions;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace KestrelTlsUpgrade.Internal.Tls;

/// <summary>The upgrade's own rules for TLS handshakes, in addition to the operator's settings.</summary>
internal static class HandshakeRules
{
    /// <summary>
    /// The longest time that a timer accepts. Kestrel accepts <see cref="Timeout.InfiniteTimeSpan"/> as a handshake timeout, but its timer
    /// then throws on every connection.
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
            // If the client sends no server name, the request's Host replaces it (RFC 2817 section 1).
            https.ServerCertificateSelector = (connection, name) => select(
                connection, string.IsNullOrEmpty(name) ? UpgradeConnection.Of(connection?.Features)?.Upgrade?.Host ?? name : name);
        }
    }

    public static TlsHandshakeCallbackOptions Apply(TlsHandshakeCallbackOptions callback) => new()
    {
        HandshakeTimeout = Bound(callback.HandshakeTimeout),
        OnConnectionState = callback.OnConnectionState,
        OnConnection = async context =>
        {
            // Copied, because the application may return the same instance for every connection.
            var authentication = new SslServerAuthenticationOptions();
            (await callback.OnConnection(context)).CopyTo(authentication);
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

        // The ClientHello of a renegotiation would not be checked.
        authentication.AllowRenegotiation = false;

        // Do not resume across endpoints that differ in client-certificate demands: .NET shares its session cache by server certificate.
        authentication.AllowTlsResume &= !asksLate
            && authentication is { ClientCertificateRequired: false, RemoteCertificateValidationCallback: null };

        if (UpgradeConnection.Of(connection.Features)?.Upgrade is { } upgrade)
        {
            authentication.ApplicationProtocols = ApplicationProtocols.For(upgrade);
        }

        CheckServerCertificate(connection, authentication);
    }

    /// <summary>
    /// Checks the server's certificate as soon as it is known: before the ClientHello with fixed settings, after it with a callback, and
    /// last with a selector.
    /// </summary>
    private static void CheckServerCertificate(ConnectionContext connection, SslServerAuthenticationOptions authentication)
    {
        if (UpgradeConnection.Of(connection.Features)?.Handshake is not { Upgrade: not null } trace)
        {
            return;
        }

        if (authentication.ServerCertificateSelectionCallback is { } select)
        {
            authentication.ServerCertificateSelectionCallback = (sender, name) =>
            {
                var certificate = select(sender, name);
                trace.CheckServerCertificate(certificate);
                return certificate;
            };
            return;
        }

        trace.CheckServerCertificate(authentication.ServerCertificateContext?.TargetCertificate ?? authentication.ServerCertificate);
    }
}
