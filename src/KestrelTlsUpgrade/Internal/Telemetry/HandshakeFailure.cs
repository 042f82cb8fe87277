using System.Security.Authentication;
using KestrelTlsUpgrade.Internal.Tls;
using Microsoft.AspNetCore.Connections;

namespace KestrelTlsUpgrade.Internal.Telemetry;

/// <summary>
/// Finds the cause of a failed handshake from the exception of SslStream. Uses OpenSSL's error numbers, which are stable; its messages and
/// those of .NET are not. Without them, as on Windows and macOS, more causes are reported as a failed handshake.
/// </summary>
internal static class HandshakeFailure
{
    /// <summary>The library number in an OpenSSL 3 error code (ERR_LIB_SSL), from bit 23.</summary>
    private const int SslLibrary = 20;

    private const int ReasonMask = 0x7FFFFF;

    /// <summary>Reasons from this number on are alerts of the peer: SSL_AD_REASON_OFFSET plus the alert number.</summary>
    private const int AlertOffset = 1000;

    /// <summary>The trace's own observations come first.</summary>
    public static FailureCause Find(HandshakeTrace trace)
    {
        if (trace.Refusal is not FailureCause.None)
        {
            return trace.Refusal;
        }

        if (trace.CertificateFault is not FailureCause.None)
        {
            return trace.CertificateFault;
        }

        // Kestrel has no callback for a missing certificate. SslStream throws the same exception for a broken record, which clients do not
        // send, while clients without a certificate are common.
        if (trace is { RequiresCertificate: true, Failure: AuthenticationException { InnerException: null } })
        {
            return FailureCause.ClientCertificateMissing;
        }

        // Kestrel reports this as a timeout.
        if (trace.Failure is ConnectionAbortedException)
        {
            return FailureCause.Aborted;
        }

        if (trace.IsTimedOut)
        {
            return FailureCause.Timeout;
        }

        var cause = Find(trace.Failure);

        // bad_certificate and certificate_unknown: the alerts of clients that check the name.
        if (cause is FailureCause.ClientRejectedCertificate && FindAlert(trace) is 42 or 46 && trace.IsForOtherHost)
        {
            return FailureCause.NameNotInCertificate;
        }

        return cause is FailureCause.Closed or FailureCause.Reset && trace.IsAnswered ? FailureCause.GoneAfterCertificate : cause;
    }

    /// <summary>The alert with which the client ended the handshake (RFC 8446 section 6), if there was one.</summary>
    public static int? FindAlert(HandshakeTrace trace) => trace.BeganWithAlert ? trace.FirstAlert : FindAlert(trace.Failure);

    private static int? FindAlert(Exception? failure) =>
        FindReason(failure) is { } reason and >= AlertOffset and < AlertOffset + 256 ? reason - AlertOffset : null;

    private static FailureCause Find(Exception? failure)
    {
        if (FindAlert(failure) is { } alert)
        {
            return alert switch
            {
                // bad_certificate, unsupported_certificate, certificate_revoked, _expired, _unknown, unknown_ca
                (>= 42 and <= 46) or 48 => FailureCause.ClientRejectedCertificate,
                // protocol_version
                70 => FailureCause.NoSharedVersion,
                _ => FailureCause.ClientAlert,
            };
        }

        return FindReason(failure) switch
        {
            // SSL_R_UNSUPPORTED_PROTOCOL
            258 => FailureCause.NoSharedVersion,
            // SSL_R_NO_SUITABLE_KEY_SHARE, SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM, SSL_R_NO_CIPHERS_AVAILABLE, SSL_R_NO_SHARED_CIPHER
            101 or 118 or 181 or 193 => FailureCause.NoSharedCipher,
            not null => FailureCause.HandshakeFailed,
            null => failure switch
            {
                ConnectionResetException => FailureCause.Reset,
                IOException => FailureCause.Closed,
                _ => FailureCause.HandshakeFailed,
            },
        };
    }

    private static int? FindReason(Exception? failure)
    {
        for (; failure is not null; failure = failure.InnerException)
        {
            if ((failure.HResult >>> 23) == SslLibrary)
            {
                return failure.HResult & ReasonMask;
            }
        }

        return null;
    }
}
