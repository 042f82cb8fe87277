using System.Collections.Frozen;
using System.Security.Authentication;
using KestrelTlsUpgrade.Internal.Tls;
using KestrelTlsUpgrade.Internal.Tls.Hellos;
using KestrelTlsUpgrade.Internal.Versions;

namespace KestrelTlsUpgrade.Internal.Telemetry;

/// <summary>Everything that the log, metrics, traces, the health check and the report need to know about a cause.</summary>
/// <param name="Cause">The cause.</param>
/// <param name="Tag">The value of <c>error.type</c>.</param>
/// <param name="Kind">Who ended the handshake.</param>
internal sealed record FailureDescription(FailureCause Cause, string Tag, FailureKind Kind)
{
    private const string OtherExplanation =
        "Microsoft.AspNetCore.Server.Kestrel logs more about it: the TLS error at Debug, an exception of the application as an error.";

    /// <summary>
    /// The description of every cause, enforced by a test. A missing one would be reported as <see cref="FailureCause.HandshakeFailed"/>.
    /// </summary>
    public static IReadOnlyList<FailureDescription> All { get; } =
    [
        new(FailureCause.PlaintextAfter101, "plaintext_after_101", FailureKind.Failed)
        {
            Meaning =
                "Clients continued in clear text after the 101. Do not offer the upgrade in these clients, or have the "
                + "intermediary that relays Upgrade remove the field.",
            Explain = static _ =>
                "The client continued in clear text. It does not implement what it offered, or an intermediary relays Upgrade. Have "
                + "the client not offer the upgrade, or the intermediary remove the field.",
            Owner = "List its product in OffersFrom:ExceptProducts.",
            Client = "Switch its upgrade off, or have the intermediary in front of it remove the Upgrade field.",
        },
        new(FailureCause.NoSharedVersion, "no_shared_version", FailureKind.Failed)
        {
            Meaning = "No TLS version in common. Update the clients, or set SslProtocols.",
            Explain = static trace => trace.Offered is SslProtocols.None
                ? $"The client has no TLS version in common with the endpoint, which has {HandshakeText.FormatVersions(trace.Enabled)}. Update the client, or set SslProtocols."
                : $"The client offers {HandshakeText.FormatVersions(trace.Offered)} only, and the endpoint has {HandshakeText.FormatVersions(trace.Enabled)}. Update the client, or set SslProtocols.",
            Owner = "Enable the version with SslProtocols, if you accept its weaknesses. Otherwise list the product in OffersFrom:ExceptProducts.",
            DirectOwner = "Enable the version with SslProtocols, if you accept its weaknesses. Otherwise serve the client in clear text.",
            Client = "Update it, or enable TLS 1.2 or 1.3 there.",
            ShutsOut = true,
        },
        new(FailureCause.NoSharedCipher, "no_shared_cipher", FailureKind.Failed)
        {
            Meaning =
                "No cipher suite, group or signature algorithm in common. Compare the clients with the TLS settings and the "
                + "key of the certificate.",
            Explain = static trace => trace.Offered is not SslProtocols.None && (trace.Offered & TlsVersion.Recommended) == 0
                ? $"The client offers {HandshakeText.FormatVersions(trace.Offered)} only, for which the security level of OpenSSL on this machine may leave nothing. "
                    + "Update the client, set CipherString = DEFAULT@SECLEVEL=0 in the OpenSSL configuration, or compare the key of the certificate (RSA or ECDSA)."
                : "Client and server have no cipher suite, group or signature algorithm in common. Compare the client with "
                + "CipherSuitesPolicy, the OpenSSL configuration of this machine, and the key of the certificate (RSA or ECDSA).",
            Owner = "Compare CipherSuitesPolicy, the OpenSSL configuration (CipherString with its SECLEVEL), and the key of the certificate (RSA or ECDSA) with the client.",
            Client = "Update it, or enable the server's cipher suites there.",
            ShutsOut = true,
        },
        new(FailureCause.ClientRejectedCertificate, "client_rejected_certificate", FailureKind.Failed)
        {
            Meaning =
                "Clients do not accept the certificate. Make them trust its CA, send the complete chain, or renew it. Those that say nothing "
                + "are under gone_after_certificate.",
            Explain = static trace =>
                $"The client does not accept the server's certificate ({HandshakeText.FormatAlert(trace)}). "
                + "Make it trust the CA, send the complete chain, or renew the certificate.",
            Owner =
                "Use a certificate from a CA that the client trusts, send the complete chain, or renew it. Until then, "
                + "list the product in OffersFrom:ExceptProducts.",
            Client = "Make it trust the CA of the certificate.",
        },
        new(FailureCause.GoneAfterCertificate, "gone_after_certificate", FailureKind.Failed)
        {
            Meaning =
                "Clients closed the connection after they had received the certificate, without an alert. Most that do so do not accept "
                + "it: see client_rejected_certificate.",
            Explain = static _ =>
                "The client closed or reset the connection after it had received the server's certificate, and sent no alert. Most clients "
                + "that do so do not accept the certificate. Make them trust the CA, send the complete chain, or renew the certificate.",
            Owner = "Check the names, the CA and the chain of the certificate. Until then, list the product in OffersFrom:ExceptProducts.",
            Client = "Read its log. Most likely it has to trust the CA, or to call the server by a name in the certificate.",
        },
        new(FailureCause.NameNotInCertificate, "name_not_in_certificate", FailureKind.Failed)
        {
            Meaning =
                "Clients do not accept the certificate, which does not name the host that they call. Have them call a host that it names, "
                + "or add that host to the certificate.",
            Explain = static trace =>
                $"The client does not accept the server's certificate ({HandshakeText.FormatAlert(trace)}), which does not name the host that it calls, "
                + $"{LoggedName.Of(trace.Upgrade?.Host ?? "")}. Have it call a host that the certificate names, or add the host to the certificate.",
            Owner = "Add the host to the certificate. Until then, list the product in OffersFrom:ExceptProducts.",
            Client = "Have it call a host that the certificate names.",
        },
        new(FailureCause.GoneAfterHandshake, "gone_after_handshake", FailureKind.Gone)
        {
            Meaning =
                "Clients left after the handshake as those do that check the certificate last: by a reset, before the answer, or without close_notify. "
                + "Have them call a host that it names, or add that host to the certificate.",
            Owner = "Compare the names in the certificate with the host that it calls. Until then, list the product in OffersFrom:ExceptProducts.",
            Client = "Read its log. Most likely it has to call a host that the certificate names.",
        },
        new(FailureCause.FellBack, "fell_back", FailureKind.Gone)
        {
            Meaning = "Offers of clients for which TLS has failed within FallbackLifetime were declined. The log says why it failed.",
            Owner = "Read the log or the report: it failed for another cause.",
            Client = "Mend the cause of the first failure.",
        },
        new(FailureCause.ClientCertificateMissing, "client_certificate_missing", FailureKind.Failed)
        {
            Meaning = "Clients did not send the required certificate. Give them one, or set AllowCertificate.",
            Explain = static _ => "The client sent no certificate, and ClientCertificateMode requires one. Give it one, or set AllowCertificate.",
            Alert = RefusalAlert.CertificateRequired,
            Owner = "List the product in OffersFrom:ExceptProducts. Set AllowCertificate only if the application itself checks the certificate.",
            Client = "Give it a certificate.",
        },
        new(FailureCause.ClientCertificateRejected, "client_certificate_rejected", FailureKind.Failed)
        {
            Meaning =
                "Clients' certificates have expired, are from an unknown CA, or are not for client authentication. Renew them, "
                + "or make this machine trust the CA.",
            Explain = static _ =>
                "The client's certificate was rejected: it has expired, is from an unknown CA, or is not for client authentication. "
                + "Renew it, or make this machine trust its CA.",
            Owner = "Make this machine trust the CA of the client's certificate.",
            Client = "Renew its certificate, or get one for client authentication.",
        },
        new(FailureCause.ServerNameUnknown, "server_name_unknown", FailureKind.Failed)
        {
            Meaning = "Clients requested a server name that Sni has no settings for. Add the name, or *.",
            Explain = static _ => "There are settings by server name (Sni), but none for the requested name. Add the name, or *.",
            Owner = "Add the name to Sni, or *.",
            Client = "Call the server by a name that it has settings for.",
        },
        new(FailureCause.ClientAlert, "client_alert", FailureKind.Failed)
        {
            Meaning = "Clients ended the handshake with an alert. Check their logs.",
            Explain = static trace => $"The client ended the handshake with an alert ({HandshakeText.FormatAlert(trace)}). Check the client's log.",
            Owner = "Find the alert in the server's log.",
            Client = "Read its log: it names the reason.",
        },
        new(FailureCause.Timeout, "timeout", FailureKind.Gone)
        {
            Meaning = "Handshakes took longer than HandshakeTimeout.",
            Explain = static _ => "The client did not complete the handshake within HandshakeTimeout. It may be waiting for something, or have a slow connection.",
            Owner = "Raise HandshakeTimeout, if connections are that slow.",
            Client = "Find what it waits for: an answer of its user, or a slow network.",
        },
        new(FailureCause.Closed, "closed", FailureKind.Gone)
        {
            Meaning = "Clients closed the connection before the server answered their ClientHello.",
            Explain = static _ => "The client closed the connection before the server answered its ClientHello.",
            Owner = "Nothing, if it is rare. Otherwise list the product in OffersFrom:ExceptProducts.",
            Client = "Read its log: it left before it had seen the certificate.",
        },
        new(FailureCause.Reset, "reset", FailureKind.Gone)
        {
            Meaning = "Clients reset the connection before the server answered their ClientHello.",
            Explain = static _ => "The client reset the connection before the server answered its ClientHello.",
            Owner = "Nothing, if it is rare. Otherwise find what resets connections on the way.",
            Client = "Read its log, and that of a firewall on the way.",
        },
        new(FailureCause.Aborted, "aborted", FailureKind.Gone)
        {
            Meaning = "The server closed connections during the handshake, for example at shutdown.",
            Explain = static _ => "The server closed the connection, for example at shutdown.",
            Owner = "Nothing, if the server was stopping.",
            Client = "Nothing: it can try again.",
        },
        new(FailureCause.HandshakeFailed, "handshake_failed", FailureKind.Failed)
        {
            Meaning = "Another failure. The log has details at Debug.",
            Owner = "Read the log of Microsoft.AspNetCore.Server.Kestrel at Debug.",
            Client = "Read its log.",
        },
        new(FailureCause.UnreadableHello, "client_hello_unreadable", FailureKind.Refused)
        {
            Meaning = "Refused: not a complete, well-formed ClientHello. Possible causes: broken clients, scanners, or an attack.",
            Alert = RefusalAlert.DecodeError,
            Owner = "Nothing, unless you know the caller.",
            Client = "Check that it speaks TLS after the 101, and that nothing on the way changes it.",
        },
        new(FailureCause.Http2Offered, "h2_offered", FailureKind.Refused)
        {
            Meaning = "Refused: TLS clients after a 101 that do not know about the upgrade. Possibly an attack (CVE-2025-49812).",
            Alert = RefusalAlert.NoApplicationProtocol,
            Owner = "Nothing, unless you know the caller: this may be an attack.",
            Client = "Have it offer http/1.1 only, after a 101.",
        },
        new(FailureCause.UnmarkedClient, "unmarked_client", FailureKind.Refused)
        {
            Meaning = "Refused: clients that do not mark their handshake, which AcceptedClients = AwareOnly requires.",
            Alert = RefusalAlert.NoApplicationProtocol,
            Owner = "Set AcceptedClients to Compatible, if the client cannot mark its handshake and DirectTls is not Any.",
            Client = "Use a client that marks its handshake, such as that of KestrelTlsUpgrade.Client.",
        },
        new(FailureCause.MarkMismatch, "mark_mismatch", FailureKind.Refused)
        {
            Meaning = "Refused: the mark does not match the plaintext request, which was changed in transit, by an attacker or a proxy.",
            Alert = RefusalAlert.NoApplicationProtocol,
            Owner = "Find what changes requests on the way. This may be an attack.",
            Client = "Connect without a proxy that changes requests.",
        },
        new(FailureCause.BrowserHello, "browser_hello", FailureKind.Refused)
        {
            Meaning =
                "Refused: TLS clients after a 101 that look like browsers, which never upgrade. Possibly an attack (CVE-2025-49812).",
            Alert = RefusalAlert.NoApplicationProtocol,
            Owner = "Nothing, unless you know the caller: this may be an attack.",
            Client = "Use https:// instead of the upgrade.",
        },
        new(FailureCause.ServerNameMissing, "sni_missing", FailureKind.Refused)
        {
            Meaning =
                "Refused: no server name, and the certificate has several. Have the clients send the name (SNI), or use a "
                + "certificate for one host.",
            Alert = RefusalAlert.MissingExtension,
            Owner = "Use a certificate for one host.",
            Client = "Have it send the server name (SNI).",
        },
        new(FailureCause.MarkWithoutUpgrade, "mark_without_upgrade", FailureKind.Refused)
        {
            Meaning = "Refused: clients that began with TLS but offer the mark of upgraded connections. They are misconfigured.",
            Alert = RefusalAlert.NoApplicationProtocol,
            Owner = "Nothing: the client has to change.",
            Client = "Remove the ALPN id of upgraded connections from its https settings.",
            ShutsOut = true,
        },
        new(FailureCause.TlsDisagrees, "tls_disagrees", FailureKind.Refused)
        {
            Meaning = "Refused: TLS reports a different name or protocol than the ClientHello. Possibly an attack.",
            Owner = "Find out who calls: this may be an attack.",
            Client = "Update its TLS library.",
        },
        new(FailureCause.ServerNameMismatch, "sni_mismatch", FailureKind.Refused)
        {
            Meaning = "Refused: the server name differs from the host of the plaintext request.",
            Alert = RefusalAlert.UnrecognizedName,
            Owner = "Nothing: the client has to change.",
            Client = "Have it send the host of its request as the server name.",
        },
        new(FailureCause.DirectHttp1, "direct_http1", FailureKind.Refused)
        {
            Meaning =
                "Refused: https clients without HTTP/2, such as ipps:// queues of CUPS; DirectTls is Http2Only. Give them a port of their own, "
                + "or have them upgrade.",
            Owner =
                "Give it a port with UseHttps and a name of its own. Or set AcceptedClients to AwareOnly on every instance, and then DirectTls to Any.",
            Client = "Enable HTTP/2 there, or have it upgrade: a queue of CUPS does with ipp:// and ?encryption=required.",
            ShutsOut = true,
        },
    ];

    private static readonly FrozenDictionary<FailureCause, FailureDescription> ByCause = All.ToFrozenDictionary(static row => row.Cause);

    /// <summary>What the cause means and what to do about it, if it affects many connections.</summary>
    public required string Meaning { get; init; }

    /// <summary>What the owner of the server can do.</summary>
    public string Owner { get; init; } = "";

    /// <summary>What can be done on the client's side.</summary>
    public string Client { get; init; } = "";

    /// <summary>What the owner of the server can do for a client that began with TLS, if that is something else.</summary>
    public string? DirectOwner { get; init; }

    /// <summary>
    /// Whether the endpoint's settings shut out a client that speaks TLS. It deserves the operator's attention even where it began with TLS.
    /// </summary>
    public bool ShutsOut { get; init; }

    /// <summary>Explains one failed handshake and what to do about it.</summary>
    public Func<HandshakeTrace, string> Explain { get; init; } = static _ => OtherExplanation;

    /// <summary>The alert that answers the ClientHello (RFC 8446 section 6.2, RFC 7301 section 3.2), if any.</summary>
    public byte? Alert { get; init; }

    public static FailureDescription Of(FailureCause cause) => ByCause.TryGetValue(cause, out var row) ? row : ByCause[FailureCause.HandshakeFailed];
}
