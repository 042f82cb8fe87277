using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using KestrelTlsUpgrade.Internal.Connections;
using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Internal.Telemetry;
using KestrelTlsUpgrade.Internal.Tls.Hellos;

namespace KestrelTlsUpgrade.Internal.Tls;

/// <summary>
/// One handshake: what decides about it, and what is learned on the way and may explain a failure, which Kestrel writes to its log
/// only. With the connection, and with the flow of execution, until the handshake has completed.
/// </summary>
/// <param name="connection">The connection.</param>
/// <param name="startedAt">When it began, as a timestamp of the server's clock.</param>
internal sealed class HandshakeTrace(UpgradeConnection connection, long startedAt)
{
    private static readonly AsyncLocal<HandshakeTrace?> Flow = new();

    /// <summary>The one that runs here.</summary>
    public static HandshakeTrace? Current
    {
        get => Flow.Value;
        set => Flow.Value = value;
    }

    public TlsStart Start =>
        Upgrade is null ? TlsStart.FirstByte : Upgrade.IsFirst ? TlsStart.FirstRequest : TlsStart.LaterRequest;

    public long StartedAt => startedAt;

    /// <summary>The upgrade that it follows, if any.</summary>
    public UpgradeRequest? Upgrade => connection.Upgrade;

    /// <summary>The rules for this handshake: what its own settings and those active now both allow.</summary>
    public ClientRules Rules => connection.Settings.Rules.StricterOf(connection.CurrentSettings?.Rules);

    /// <summary>True once the handshake has completed. Later failures are not handshake failures.</summary>
    public bool IsCompleted { get; set; }

    /// <summary>The ClientHello, once it is known.</summary>
    public ClientHello? Hello { get; private set; }

    /// <summary>Why the client was refused, if it was.</summary>
    public FailureCause Refusal { get; set; }

    /// <summary>Whether the client has confirmed that the request in clear text is its own.</summary>
    public bool IsConfirmed { get; private set; }

    /// <summary>Whether the client began with an alert instead of a ClientHello.</summary>
    public bool BeganWithAlert { get; set; }

    /// <summary>The alert that it began with, if that came in one piece.</summary>
    public byte? FirstAlert { get; set; }

    /// <summary>The versions that the client offered, or none if that is not known.</summary>
    public SslProtocols Offered => Hello?.Versions ?? SslProtocols.None;

    /// <summary>The versions that the server had.</summary>
    public SslProtocols Enabled { get; set; }

    /// <summary>Whether a client without a certificate fails, and no callback is asked about that.</summary>
    public bool RequiresCertificate { get; set; }

    /// <summary>Whether a callback of the application has the client asked for a certificate, and may require it.</summary>
    public bool AsksByCallback { get; set; }

    /// <summary>The certificate that the server shows, as far as that is known before the ClientHello.</summary>
    public X509Certificate? ServerCertificate { get; set; }

    /// <summary>What our own look at the client's certificate found.</summary>
    public FailureCause CertificateFault { get; set; }

    /// <summary>What Kestrel says it failed with, or what the transport did.</summary>
    public Exception? Failure { get; set; }

    public bool IsTimedOut { get; set; }

    private bool NeedsSingleHost { get; set; }

    /// <summary>Judges the client by its ClientHello. False if it is refused.</summary>
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

    /// <summary>Checks that a client without a server name can only mean the host of the request. Called with the certificate that it gets.</summary>
    /// <exception cref="ClientRefusedException">It could mean another.</exception>
    public void CheckServerCertificate(X509Certificate? certificate)
    {
        if (!IsOfOneHost(certificate))
        {
            Refusal = FailureCause.ServerNameMissing;
            throw new ClientRefusedException(Refusal);
        }
    }

    private bool IsOfOneHost(X509Certificate? certificate) => !NeedsSingleHost || SingleHost.IsNamedBy(certificate, Upgrade!.Host);
}
