using KestrelTlsUpgrade.Internal.Telemetry;

namespace KestrelTlsUpgrade.Internal.Tls.Hellos;

/// <summary>The alerts that refuse a ClientHello (RFC 8446 section 6.2, RFC 7301 section 3.2).</summary>
internal static class RefusalAlert
{
    public const byte DecodeError = 50;
    public const byte MissingExtension = 109;
    public const byte UnrecognizedName = 112;
    public const byte CertificateRequired = 116;
    public const byte NoApplicationProtocol = 120;

    /// <summary>The alert record; empty if the client has not started TLS or has ended it.</summary>
    public static ReadOnlyMemory<byte> For(FailureCause cause) => FailureDescription.Of(cause).Alert is { } description
        ? new byte[] { 0x15, 0x03, 0x03, 0x00, 0x02, 0x02, description }
        : ReadOnlyMemory<byte>.Empty;
}
