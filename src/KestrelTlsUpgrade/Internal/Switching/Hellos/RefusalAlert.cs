using KestrelTlsUpgrade.Internal.Observation;

namespace KestrelTlsUpgrade.Internal.Switching.Hellos;

/// <summary>The alert that answers a ClientHello which is refused (RFC 8446 section 6.2, RFC 7301 section 3.2).</summary>
internal static class RefusalAlert
{
    private const byte DecodeError = 50;
    private const byte MissingExtension = 109;
    private const byte UnrecognizedName = 112;
    private const byte CertificateRequired = 116;
    private const byte NoApplicationProtocol = 120;

    /// <summary>The record, or nothing for a client that has not begun TLS, or has ended it itself.</summary>
    public static ReadOnlyMemory<byte> For(FailureCause cause) => cause switch
    {
        FailureCause.Http2Offered or FailureCause.UnmarkedClient or FailureCause.MarkMismatch or FailureCause.MarkWithoutUpgrade
            or FailureCause.BrowserHello => Fatal(NoApplicationProtocol),
        FailureCause.ServerNameMismatch => Fatal(UnrecognizedName),
        FailureCause.ServerNameMissing => Fatal(MissingExtension),
        FailureCause.UnreadableHello => Fatal(DecodeError),
        FailureCause.ClientCertificateMissing => Fatal(CertificateRequired),
        _ => ReadOnlyMemory<byte>.Empty,
    };

    private static byte[] Fatal(byte description) => [0x15, 0x03, 0x03, 0x00, 0x02, 0x02, description];
}
