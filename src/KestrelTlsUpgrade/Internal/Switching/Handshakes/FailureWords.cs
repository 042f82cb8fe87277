using System.Security.Authentication;
using KestrelTlsUpgrade.Internal.Observation;

namespace KestrelTlsUpgrade.Internal.Switching.Handshakes;

/// <summary>Says what a failed handshake failed of, and what to do about it.</summary>
internal static class FailureWords
{
    public static string Of(FailureCause cause, HandshakeWatch watch) => cause switch
    {
        FailureCause.PlaintextAfter101 =>
            "The client went on in clear text. It does not know what it asked for, or an intermediary relays Upgrade: "
            + "have the client not ask, or the intermediary remove the field.",
        FailureCause.NoSharedVersion => watch.Offered is SslProtocols.None
            ? $"The client has no TLS version in common with the endpoint, which has {Format(watch.Enabled)}. Renew the client, or set SslProtocols."
            : $"The client offers {Format(watch.Offered)} only, and the endpoint has {Format(watch.Enabled)}. Renew the client, or set SslProtocols.",
        FailureCause.NoSharedCipher =>
            "Client and server have no cipher suite, group or signature algorithm in common. Compare the client with CipherSuitesPolicy, "
            + "the settings of OpenSSL on this machine, and the key of the certificate (RSA or ECDSA).",
        FailureCause.ClientRejectedCertificate =>
            $"The client does not accept the server's certificate ({FormatAlert(watch)}). "
            + "Have it trust the CA, send the whole chain, or renew the certificate.",
        FailureCause.ClientCertificateMissing =>
            "The client sent no certificate, and ClientCertificateMode requires one. Give it one, or set AllowCertificate.",
        FailureCause.ClientCertificateRejected =>
            "The client's certificate is not accepted: it is out of date, of an unknown CA or not for clients. Renew it, or have this machine trust its CA.",
        FailureCause.ServerNameUnknown =>
            "There are settings by server name (Sni), and none for the one that the client asked for. Add the name, or *.",
        FailureCause.ClientAlert => $"The client ended the handshake with an alert ({FormatAlert(watch)}). Look at the client's log.",
        FailureCause.Timeout => "The client did not finish within HandshakeTimeout. It may wait for something itself, or be behind a slow line.",
        FailureCause.Closed => "The client closed the connection. Clients do that, too, when they do not trust the certificate.",
        FailureCause.Reset => "The client reset the connection. Clients do that, too, when they do not trust the certificate.",
        FailureCause.Aborted => "The server ended the connection, as it does when it shuts down and has no more time to wait.",
        _ => "Microsoft.AspNetCore.Server.Kestrel logs more of it: at Debug what TLS said, and as an error what the application threw.",
    };

    /// <summary>Alerts by the names of RFC 8446 section 6.2, as far as clients send them about a server's certificate.</summary>
    private static string FormatAlert(HandshakeWatch watch) => HandshakeFault.FindAlert(watch) switch
    {
        40 => "handshake_failure",
        42 => "bad_certificate",
        43 => "unsupported_certificate",
        44 => "certificate_revoked",
        45 => "certificate_expired",
        46 => "certificate_unknown",
        47 => "illegal_parameter",
        48 => "unknown_ca",
        50 => "decode_error",
        51 => "decrypt_error",
        70 => "protocol_version",
        71 => "insufficient_security",
        80 => "internal_error",
        90 => "user_canceled",
        112 => "unrecognized_name",
        null => "which one cannot be told",
        var alert => $"alert {alert}",
    };

#pragma warning disable CA5397, CS0618, SYSLIB0039 // What clients offer, whether it is served or not.
    private static string Format(SslProtocols versions)
    {
        var names = new List<string>();
        foreach (var (version, name) in new[]
        {
            (SslProtocols.Ssl3, "SSL 3.0"), (SslProtocols.Tls, "TLS 1.0"), (SslProtocols.Tls11, "TLS 1.1"),
            (SslProtocols.Tls12, "TLS 1.2"), (SslProtocols.Tls13, "TLS 1.3"),
        })
        {
            if ((versions & version) != 0)
            {
                names.Add(name);
            }
        }

        return names.Count == 0 ? "others" : string.Join(" and ", names);
    }
#pragma warning restore CA5397, CS0618, SYSLIB0039
}
