using System.Net.Security;
using KestrelTlsUpgrade.Internal.Connections;
using KestrelTlsUpgrade.Internal.Telemetry;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace KestrelTlsUpgrade.Internal.Tls;

/// <summary>
/// Notes on the settings of a handshake what its failure may have to be explained with. It changes nothing of what is accepted.
/// </summary>
internal static class HandshakeTracing
{
    /// <param name="connection">The connection.</param>
    /// <param name="authentication">Its settings.</param>
    /// <param name="requiresCertificate">Whether the handshake fails without a certificate, and nobody here is asked.</param>
    /// <param name="isOfCallback">Whether the application decides by itself about each handshake.</param>
    public static void Note(
        ConnectionContext connection, SslServerAuthenticationOptions authentication, bool requiresCertificate, bool isOfCallback = false)
    {
        if (UpgradeConnection.Of(connection.Features)?.Handshake is { } watch)
        {
            watch.Enabled = authentication.EnabledSslProtocols;
            watch.RequiresCertificate = requiresCertificate;
            watch.AsksByCallback = isOfCallback && authentication.ClientCertificateRequired;
        }
    }

    /// <summary>
    /// Has the server's certificate looked at, whenever it is known: with fixed settings before the ClientHello, with a callback behind
    /// it, and with a selector last of all.
    /// </summary>
    public static void WatchServerCertificate(ConnectionContext connection, SslServerAuthenticationOptions authentication)
    {
        if (UpgradeConnection.Of(connection.Features)?.Handshake is not { Upgrade: not null } watch)
        {
            return;
        }

        if (authentication.ServerCertificateSelectionCallback is { } select)
        {
            authentication.ServerCertificateSelectionCallback = (sender, name) =>
            {
                var certificate = select(sender, name);
                watch.CheckServerCertificate(certificate);
                return certificate;
            };
            return;
        }

        watch.ServerCertificate = authentication.ServerCertificateContext?.TargetCertificate ?? authentication.ServerCertificate;
        watch.CheckServerCertificate(watch.ServerCertificate);
    }

    /// <summary>Kestrel calls it only where there is a certificate, and has the same rule where there is none to call.</summary>
    public static void WatchValidation(HttpsConnectionAdapterOptions https)
    {
        if (https.ClientCertificateMode is ClientCertificateMode.NoCertificate)
        {
            return;
        }

        var validate = https.ClientCertificateValidation;
        https.ClientCertificateValidation = (certificate, chain, errors) =>
            Note(validate?.Invoke(certificate, chain, errors) ?? errors is SslPolicyErrors.None, hasCertificate: true);
    }

    /// <summary>As .NET decides by itself for those who have no callback.</summary>
    public static void WatchValidation(SslServerAuthenticationOptions authentication)
    {
        if (!authentication.ClientCertificateRequired)
        {
            return;
        }

        var validate = authentication.RemoteCertificateValidationCallback;
        authentication.RemoteCertificateValidationCallback = (sender, certificate, chain, errors) =>
            Note(validate?.Invoke(sender, certificate, chain, errors) ?? errors is SslPolicyErrors.None, certificate is not null);
    }

    private static bool Note(bool isAccepted, bool hasCertificate)
    {
        if (!isAccepted && HandshakeTrace.Current is { } watch)
        {
            watch.CertificateFault = hasCertificate ? FailureCause.ClientCertificateRejected : FailureCause.ClientCertificateMissing;
        }

        return isAccepted;
    }
}
