using System.Net.Security;
using KestrelTlsUpgrade.Internal.Middleware;
using KestrelTlsUpgrade.Internal.Telemetry;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace KestrelTlsUpgrade.Internal.Tls;

/// <summary>Records what may explain the failure of a handshake. It changes nothing of what is accepted.</summary>
internal static class HandshakeTracing
{
    /// <param name="connection">The connection.</param>
    /// <param name="authentication">The settings of its handshake.</param>
    /// <param name="requiresCertificate">
    /// Whether a client certificate is required, without a callback that is asked about a missing one.
    /// </param>
    /// <param name="isOfCallback">Whether the settings come from a callback of the application.</param>
    public static void Note(
        ConnectionContext connection, SslServerAuthenticationOptions authentication, bool requiresCertificate, bool isOfCallback = false)
    {
        if (UpgradeConnection.Of(connection.Features)?.Handshake is { } trace)
        {
            trace.Enabled = authentication.EnabledSslProtocols;
            trace.RequiresCertificate = requiresCertificate;
            trace.AsksByCallback = isOfCallback && authentication.ClientCertificateRequired;
        }
    }

    /// <summary>
    /// Kestrel calls the callback only if the client sent a certificate. Without a callback, it applies the same rule as here.
    /// </summary>
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

    /// <summary>Without a callback, applies .NET's own rule.</summary>
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
        if (!isAccepted && HandshakeTrace.Current is { } trace)
        {
            trace.CertificateFault = hasCertificate ? FailureCause.ClientCertificateRejected : FailureCause.ClientCertificateMissing;
        }

        return isAccepted;
    }
}
