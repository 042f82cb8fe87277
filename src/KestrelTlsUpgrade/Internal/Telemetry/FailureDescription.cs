using System.Collections.Frozen;
using System.Security.Authentication;
using KestrelTlsUpgrade.Internal.Tls;
using KestrelTlsUpgrade.Internal.Tls.Hellos;
using KestrelTlsUpgrade.Internal.Versions;

namespace KestrelTlsUpgrade.Internal.Telemetry;

/// <summary>What is known of a cause, in the one place for all that reports it: the log, metrics, traces, the health check and the report.</summary>
/// <param name="Cause">The cause.</param>
/// <param name="Tag">The value of <c>error.type</c>.</param>
/// <param name="Kind">Who ended the handshake.</param>
internal sealed record FailureDescription(FailureCause Cause, string Tag, FailureKind Kind)
{
    private const string OtherExplanation =
        "Microsoft.AspNetCore.Server.Kestrel logs more of it: at Debug what TLS said, and as an error what the application threw.";

    /// <summary>Every cause. A test holds that none is missing; one that is would be reported as <see cref="FailureCause.HandshakeFailed"/>.</summary>
    public static IReadOnlyList<FailureDescription> All { get; } =
    [
        new(FailureCause.PlaintextAfter101, "plaintext_after_101", FailureKind.Failed)
        {
            Meaning =
                "Clients went on in clear text behind the 101. Have them not ask, or have the intermediary that relays Upgrade "
                + "remove the field.",
            Explain = static _ =>
                "The client went on in clear text. It does not know what it asked for, or an intermediary relays Upgrade: have "
                + "the client not ask, or the intermediary remove the field.",
        },
        new(FailureCause.NoSharedVersion, "no_shared_version", FailureKind.Failed)
        {
            Meaning = "No TLS version in common. Renew the clients, or set SslProtocols.",
            Explain = static watch => watch.Offered is SslProtocols.None
                ? $"The client has no TLS version in common with the endpoint, which has {FormatVersions(watch.Enabled)}. Renew the client, or set SslProtocols."
                : $"The client offers {FormatVersions(watch.Offered)} only, and the endpoint has {FormatVersions(watch.Enabled)}. Renew the client, or set SslProtocols.",
        },
        new(FailureCause.NoSharedCipher, "no_shared_cipher", FailureKind.Failed)
        {
            Meaning =
                "No cipher suite, group or signature algorithm in common. Compare the clients with the settings of TLS and the "
                + "key of the certificate.",
            Explain = static _ =>
                "Client and server have no cipher suite, group or signature algorithm in common. Compare the client with "
                + "CipherSuitesPolicy, the settings of OpenSSL on this machine, and the key of the certificate (RSA or ECDSA).",
        },
        new(FailureCause.ClientRejectedCertificate, "client_rejected_certificate", FailureKind.Failed)
        {
            Meaning = "Clients do not accept the certificate. Have them trust its CA, send the whole chain, or renew it.",
            Explain = static watch =>
                $"The client does not accept the server's certificate ({FormatAlert(watch)}). "
                + "Have it trust the CA, send the whole chain, or renew the certificate.",
        },
        new(FailureCause.ClientCertificateMissing, "client_certificate_missing", FailureKind.Failed)
        {
            Meaning = "Clients sent no certificate where one is required. Give them one, or set AllowCertificate.",
            Explain = static _ => "The client sent no certificate, and ClientCertificateMode requires one. Give it one, or set AllowCertificate.",
            Alert = RefusalAlert.CertificateRequired,
        },
        new(FailureCause.ClientCertificateRejected, "client_certificate_rejected", FailureKind.Failed)
        {
            Meaning = "Clients' certificates are out of date, of an unknown CA or not for clients. Renew them, or have this machine trust the CA.",
            Explain = static _ =>
                "The client's certificate is not accepted: it is out of date, of an unknown CA or not for clients. Renew it, "
                + "or have this machine trust its CA.",
        },
        new(FailureCause.ServerNameUnknown, "server_name_unknown", FailureKind.Failed)
        {
            Meaning = "Clients asked for a name that Sni has no settings for. Add it, or *.",
            Explain = static _ => "There are settings by server name (Sni), and none for the one that the client asked for. Add the name, or *.",
        },
        new(FailureCause.ClientAlert, "client_alert", FailureKind.Failed)
        {
            Meaning = "Clients ended the handshake with an alert. Look at their logs.",
            Explain = static watch => $"The client ended the handshake with an alert ({FormatAlert(watch)}). Look at the client's log.",
        },
        new(FailureCause.Timeout, "timeout", FailureKind.Gone)
        {
            Meaning = "Handshakes took longer than HandshakeTimeout.",
            Explain = static _ => "The client did not finish within HandshakeTimeout. It may wait for something itself, or be behind a slow line.",
        },
        new(FailureCause.Closed, "closed", FailureKind.Gone)
        {
            Meaning = "Clients closed the connection during the handshake. Some do so when they do not trust the certificate.",
            Explain = static _ => "The client closed the connection. Clients do that, too, when they do not trust the certificate.",
        },
        new(FailureCause.Reset, "reset", FailureKind.Gone)
        {
            Meaning = "Clients reset the connection during the handshake. Some do so when they do not trust the certificate.",
            Explain = static _ => "The client reset the connection. Clients do that, too, when they do not trust the certificate.",
        },
        new(FailureCause.Aborted, "aborted", FailureKind.Gone)
        {
            Meaning = "The server ended connections during the handshake, as when it shuts down.",
            Explain = static _ => "The server ended the connection, as it does when it shuts down and has no more time to wait.",
        },
        new(FailureCause.HandshakeFailed, "handshake_failed", FailureKind.Failed)
        {
            Meaning = "Something else. The log says more at Debug.",
        },
        new(FailureCause.UnreadableHello, "client_hello_unreadable", FailureKind.Refused)
        {
            Meaning = "Refused: no ClientHello, or one that cannot be read whole. They are broken clients, scanners, or an attack.",
            Alert = RefusalAlert.DecodeError,
        },
        new(FailureCause.Http2Offered, "h2_offered", FailureKind.Refused)
        {
            Meaning = "Refused: TLS clients behind a 101 that do not know of it. It may be an attack (CVE-2025-49812).",
            Alert = RefusalAlert.NoApplicationProtocol,
        },
        new(FailureCause.UnmarkedClient, "unmarked_client", FailureKind.Refused)
        {
            Meaning = "Refused: clients that do not mark their handshake, which AcceptedClients = AwareOnly asks for.",
            Alert = RefusalAlert.NoApplicationProtocol,
        },
        new(FailureCause.MarkMismatch, "mark_mismatch", FailureKind.Refused)
        {
            Meaning = "Refused: the mark is not that of the request in clear text, which was changed on the way. It may be an attack, or a proxy.",
            Alert = RefusalAlert.NoApplicationProtocol,
        },
        new(FailureCause.BrowserHello, "browser_hello", FailureKind.Refused)
        {
            Meaning = "Refused: TLS clients behind a 101 that look like browsers, which do not know of it. It may be an attack (CVE-2025-49812).",
            Alert = RefusalAlert.NoApplicationProtocol,
        },
        new(FailureCause.ServerNameMissing, "sni_missing", FailureKind.Refused)
        {
            Meaning =
                "Refused: no server name, where the certificate has several. Have the clients send it (SNI), or use a "
                + "certificate for one host.",
            Alert = RefusalAlert.MissingExtension,
        },
        new(FailureCause.MarkWithoutUpgrade, "mark_without_upgrade", FailureKind.Refused)
        {
            Meaning = "Refused: clients that began with TLS and offer the mark of upgraded connections. They are set up wrongly.",
            Alert = RefusalAlert.NoApplicationProtocol,
        },
        new(FailureCause.TlsDisagrees, "tls_disagrees", FailureKind.Refused)
        {
            Meaning = "Refused: TLS reports another name or protocol than the ClientHello had. It may be an attack.",
        },
        new(FailureCause.ServerNameMismatch, "sni_mismatch", FailureKind.Refused)
        {
            Meaning = "Refused: the server name is not the host of the request in clear text.",
            Alert = RefusalAlert.UnrecognizedName,
        },
        new(FailureCause.DirectHttp1, "direct_http1", FailureKind.Refused)
        {
            Meaning = "Refused: clients of https without HTTP/2, where DirectTls is Http2Only.",
        },
    ];

    private static readonly FrozenDictionary<FailureCause, FailureDescription> ByCause = All.ToFrozenDictionary(static row => row.Cause);

    /// <summary>What the cause means and what to do, where many connections failed of it.</summary>
    public required string Meaning { get; init; }

    /// <summary>Explains one failed handshake, and says what to do.</summary>
    public Func<HandshakeTrace, string> Explain { get; init; } = static _ => OtherExplanation;

    /// <summary>The alert that answers the ClientHello (RFC 8446 section 6.2, RFC 7301 section 3.2), if one does.</summary>
    public byte? Alert { get; init; }

    public static FailureDescription Of(FailureCause cause) => ByCause.TryGetValue(cause, out var row) ? row : ByCause[FailureCause.HandshakeFailed];

    /// <summary>Alerts by the names of RFC 8446 section 6.2, as far as clients send them about a server's certificate.</summary>
    private static string FormatAlert(HandshakeTrace watch) => HandshakeFailure.FindAlert(watch) switch
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

    /// <summary>The versions that clients offer, whether they can be enabled or not.</summary>
    private static string FormatVersions(SslProtocols versions)
    {
        var names = new List<string>();
#pragma warning disable CA5397, CS0618 // What old clients offer.
        if ((versions & SslProtocols.Ssl3) != 0)
#pragma warning restore CA5397, CS0618
        {
            names.Add("SSL 3.0");
        }

        names.AddRange(TlsVersion.All.Where(version => (version.Protocol & versions) != 0).Select(static version => version.Name));
        return names.Count == 0 ? "others" : string.Join(" and ", names);
    }
}
