using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using KestrelTlsUpgrade.Internal.Certificates;
using KestrelTlsUpgrade.Internal.Fallback;
using KestrelTlsUpgrade.Internal.Middleware;
using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Internal.Telemetry;
using KestrelTlsUpgrade.Internal.Tls.Hellos;

namespace KestrelTlsUpgrade.Internal.Tls;

/// <summary>
/// One handshake: what decides it, and details that can explain a failure, which Kestrel only logs. Available from the connection and from
/// the execution context until the handshake has completed.
/// </summary>
/// <param name="connection">The connection.</param>
/// <param name="startedAt">When the handshake began, as a timestamp of the server's clock.</param>
internal sealed class HandshakeTrace(UpgradeConnection connection, long startedAt)
{
    private static readonly AsyncLocal<HandshakeTrace?> Flow = new();

    /// <summary>The handshake of the current execution context.</summary>
    public static HandshakeTrace? Current
    {
        get => Flow.Value;
        set => Flow.Value = value;
    }

    public TlsStart Start =>
        Upgrade is null ? TlsStart.FirstByte : Upgrade.IsFirst ? TlsStart.FirstRequest : TlsStart.LaterRequest;

    public long StartedAt => startedAt;

    /// <summary>The accepted upgrade that the handshake follows, if any.</summary>
    public UpgradeRequest? Upgrade => connection.Upgrade;

    /// <summary>The rules for this handshake: the stricter of its own and the endpoint's current ones.</summary>
    public ClientRules Rules => connection.Settings.Rules.StricterOf(connection.CurrentSettings?.Rules);

    /// <summary>True once the handshake has completed. Later failures are not handshake failures.</summary>
    public bool IsCompleted { get; set; }

    /// <summary>The ClientHello, once it has been read.</summary>
    public ClientHello? Hello { get; private set; }

    /// <summary>Whether the server has answered the ClientHello, with its certificate unless a session is resumed.</summary>
    public bool IsAnswered { get; set; }

    /// <summary>Why the client was refused, if it was.</summary>
    public FailureCause Refusal { get; set; }

    /// <summary>Whether the client has confirmed that it wrote the plaintext request.</summary>
    public bool IsConfirmed { get; private set; }

    /// <summary>Whether the client sent an alert instead of a ClientHello.</summary>
    public bool BeganWithAlert { get; set; }

    /// <summary>That alert, if it arrived in one segment.</summary>
    public byte? FirstAlert { get; set; }

    /// <summary>The versions that the client offered, or none if unknown.</summary>
    public SslProtocols Offered => Hello?.Versions ?? SslProtocols.None;

    /// <summary>The versions that the server had enabled.</summary>
    public SslProtocols Enabled { get; set; }

    /// <summary>Whether a client certificate is required. Without one the handshake fails before any callback runs.</summary>
    public bool RequiresCertificate { get; set; }

    /// <summary>Whether an application callback requests a client certificate, and may require it.</summary>
    public bool AsksByCallback { get; set; }

    /// <summary>The server certificate: known before the ClientHello, unless code selects it.</summary>
    public X509Certificate? ServerCertificate { get; set; }

    /// <summary>Whether the certificate that the client gets does not name the host of its request.</summary>
    public bool IsForOtherHost => ServerCertificate is X509Certificate2 certificate && !CertificateNames.Cover(certificate, Upgrade!.Host);

    /// <summary>The result of validating the client certificate, as far as we observed it.</summary>
    public FailureCause CertificateFault { get; set; }

    /// <summary>The failure that Kestrel logged or the transport threw.</summary>
    public Exception? Failure { get; set; }

    public bool IsTimedOut { get; set; }

    /// <summary>Set if the end of the connection may show that TLS has failed for the client after all.</summary>
    public FallbackTrial? Trial { get; set; }

    private bool NeedsSingleHost { get; set; }

    /// <summary>Decides on the client by its ClientHello. Returns false if the client is refused.</summary>
    public bool TryAdmit(ClientHello hello)
    {
        Hello = hello;
        var verdict = connection.Settings.Rules.HasGatesOf(connection.CurrentSettings?.Rules)
            ? HelloVerdict.Of(hello, Upgrade, Rules)
            : new(FailureCause.ClientCertificateMissing);
        (Refusal, IsConfirmed, NeedsSingleHost) = verdict;
        if (Refusal is FailureCause.None && ServerCertificate is not null && !IsOfOneHost(ServerCertificate))
        {
            Refusal = FailureCause.ServerNameMissing;
        }

        return Refusal is FailureCause.None;
    }

    /// <summary>
    /// Checks that a client without a server name can only mean the host of the request. Called with the certificate that the client will
    /// get.
    /// </summary>
    /// <exception cref="ClientRefusedException">The certificate names other hosts too.</exception>
    public void CheckServerCertificate(X509Certificate? certificate)
    {
        ServerCertificate = certificate;
        if (!IsOfOneHost(certificate))
        {
            Refusal = FailureCause.ServerNameMissing;
            throw new ClientRefusedException(Refusal);
        }
    }

    private bool IsOfOneHost(X509Certificate? certificate) => !NeedsSingleHost || SingleHost.IsNamedBy(certificate, Upgrade!.Host);
}
