using KestrelTlsUpgrade.Internal.Observation;

namespace KestrelTlsUpgrade.Report.Internal.Content;

/// <summary>What a cause means, and what to do, where many connections are meant and not one.</summary>
internal static class FailureMeaning
{
    public static string Of(FailureCause cause) => cause switch
    {
        FailureCause.PlaintextAfter101 =>
            "Clients went on in clear text behind the 101. Have them not ask, or have the intermediary that relays Upgrade remove the field.",
        FailureCause.NoSharedVersion => "No TLS version in common. Renew the clients, or set SslProtocols.",
        FailureCause.NoSharedCipher =>
            "No cipher suite, group or signature algorithm in common. Compare the clients with the settings of TLS and the key of the certificate.",
        FailureCause.ClientRejectedCertificate =>
            "Clients do not accept the certificate. Have them trust its CA, send the whole chain, or renew it.",
        FailureCause.ClientCertificateMissing =>
            "Clients sent no certificate where one is required. Give them one, or set AllowCertificate.",
        FailureCause.ClientCertificateRejected =>
            "Clients' certificates are out of date, of an unknown CA or not for clients. Renew them, or have this machine trust the CA.",
        FailureCause.ServerNameUnknown => "Clients asked for a name that Sni has no settings for. Add it, or *.",
        FailureCause.ClientAlert => "Clients ended the handshake with an alert. Look at their logs.",
        FailureCause.Timeout => "Handshakes took longer than HandshakeTimeout.",
        FailureCause.Closed => "Clients closed the connection during the handshake. Some do so when they do not trust the certificate.",
        FailureCause.Reset => "Clients reset the connection during the handshake. Some do so when they do not trust the certificate.",
        FailureCause.Aborted => "The server ended connections during the handshake, as when it shuts down.",
        FailureCause.HandshakeFailed => "Something else. The log says more at Debug.",
        FailureCause.UnreadableHello =>
            "Refused: no ClientHello, or one that cannot be read whole. They are broken clients, scanners, or an attack.",
        FailureCause.Http2Offered =>
            "Refused: TLS clients behind a 101 that do not know of it. It may be an attack (CVE-2025-49812).",
        FailureCause.BrowserHello =>
            "Refused: TLS clients behind a 101 that look like browsers, which do not know of it. It may be an attack (CVE-2025-49812).",
        FailureCause.MarkMismatch =>
            "Refused: the mark is not that of the request in clear text, which was changed on the way. It may be an attack, or a proxy.",
        FailureCause.MarkWithoutUpgrade =>
            "Refused: clients that began with TLS and offer the mark of upgraded connections. They are set up wrongly.",
        FailureCause.ServerNameMissing =>
            "Refused: no server name, where the certificate has several. Have the clients send it (SNI), or use a certificate for one host.",
        FailureCause.TlsDisagrees => "Refused: TLS reports another name or protocol than the ClientHello had. It may be an attack.",
        FailureCause.UnmarkedClient => "Refused: clients that do not mark their handshake, which AcceptedClients = AwareOnly asks for.",
        FailureCause.ServerNameMismatch => "Refused: the server name is not the host of the request in clear text.",
        FailureCause.DirectHttp1 => "Refused: clients of https without HTTP/2, where DirectTls is Http2Only.",
        _ => throw new ArgumentOutOfRangeException(nameof(cause)),
    };
}
