using System.Security.Authentication;
using KestrelTlsUpgrade.Internal.Observation;

namespace KestrelTlsUpgrade.Internal.Switching.Handshakes;

/// <summary>
/// What is learned of one handshake on the way, for whoever wants to know why it failed: Kestrel tells that to its log alone.
/// In the connection's features, and with the flow of execution, until TLS stands.
/// </summary>
internal sealed class HandshakeWatch(TlsStart start, long startedAt)
{
    private static readonly AsyncLocal<HandshakeWatch?> Flow = new();

    /// <summary>The one that runs here.</summary>
    public static HandshakeWatch? Current
    {
        get => Flow.Value;
        set => Flow.Value = value;
    }

    public TlsStart Start => start;

    public long StartedAt => startedAt;

    /// <summary>Whether TLS stands. What happens then is no matter of the handshake.</summary>
    public bool IsCompleted { get; set; }

    /// <summary>Whether the client's first byte was none of TLS; <see langword="null"/> if there was no byte.</summary>
    public bool? IsTls { get; set; }

    /// <summary>Whether the client began with an alert, where a ClientHello belongs.</summary>
    public bool BeganWithAlert { get; set; }

    /// <summary>The alert that it began with, if that has come in one piece.</summary>
    public byte? FirstAlert { get; set; }

    /// <summary>The versions that the client offered, or none where that could not be told.</summary>
    public SslProtocols Offered { get; set; }

    /// <summary>The versions that the server had.</summary>
    public SslProtocols Enabled { get; set; }

    /// <summary>Whether a client without a certificate fails, and nobody is asked about that.</summary>
    public bool RequiresCertificate { get; set; }

    /// <summary>
    /// Whether the owner's settings have been asked for. What is thrown from then on may be an exception of the application's own.
    /// </summary>
    public bool IsSetUp { get; set; }

    /// <summary>What our own look at the client's certificate came to.</summary>
    public FailureCause CertificateFault { get; set; }

    /// <summary>What Kestrel says it failed with, or what the transport did.</summary>
    public Exception? Failure { get; set; }

    public bool IsTimedOut { get; set; }

    /// <summary>
    /// Whether the client sent something else than a ClientHello where the settings depend on that: SslStream then goes on without
    /// any, and throws what it throws at an owner who has none.
    /// </summary>
    public bool LacksClientHello => !IsSetUp && !IsCompleted && Failure is NotSupportedException;
}
