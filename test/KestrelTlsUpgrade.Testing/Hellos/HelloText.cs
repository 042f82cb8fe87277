using System.Text;

namespace KestrelTlsUpgrade.Testing;

/// <summary>ClientHello records that no TLS library of today would send (RFC 5246 section 7.4.1.2), an octet in each character.</summary>
internal static class HelloText
{
    /// <summary>Offers TLS 1.1 at most.</summary>
    public static string OfTls11 { get; } = Create(0x02, [0xC0, 0x0A, 0xC0, 0x14, 0x00, 0x35, 0x00, 0x2F]);

    /// <summary>Offers TLS 1.2 with the cipher suites given, two bytes each.</summary>
    public static string OfTls12(params byte[] suites) => Create(0x03, suites);

    /// <summary>Offers SSL 3.0.</summary>
    public static string OfSsl3 { get; } = Create(0x00, [0x00, 0x35, 0x00, 0x2F, 0x00, 0x0A]);

    private static string Create(byte minorVersion, byte[] suites)
    {
        var hello = new MadeHello
        {
            MinorVersion = minorVersion,
            SessionId = [],
            Suites = suites,
            Extensions =
            [
                // supported_groups: x25519, secp256r1
                (10, static made => made.Vector(2, [0x00, 0x1D, 0x00, 0x17])),
                // ec_point_formats: uncompressed
                (11, static made => made.Vector(1, [0x00])),
                // signature_algorithms: ecdsa and rsa with SHA-256, rsa_pss_rsae_sha256
                (13, static made => made.Vector(2, [0x04, 0x03, 0x04, 0x01, 0x08, 0x04])),
            ],
        };
        var record = HelloRecords.Record(hello.ToMessage());
        record[2] = Math.Min(minorVersion, (byte)1);
        return Encoding.Latin1.GetString(record);
    }
}
