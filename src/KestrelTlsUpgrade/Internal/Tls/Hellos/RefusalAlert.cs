using KestrelTlsUpgrade.Internal.Telemetry;

namespace KestrelTlsUpgrade.Internal.Tls.Hellos;

/// <summary>The alerts that answer a ClientHello which is refused (RFC 8446 section 6.2, RFC 7301 section 3.2).</summary>
internal static class RefusalAlert
{
    public const byte DecodeError = 50;
    public const byte MissingExtension = 109;
    public const byte UnrecognizedName = 112;
    public const byte CertificateRequired = 116;
    public const byte NoApplicationProtocol = 120;

    /// <summary>The record, or nothing for a client that has not begun TLS, or has ended it itself.</summary>
    public static ReadOnlyMemory<byte> For(FailureCause cause) => FailureDescription.Of(cause).Alert is { } description
        ? new byte[] { 0x15, 0x03, 0x03, 0x00, 0x02, 0x02, description }
        : ReadOnlyMemory<byte>.Empty;
}
