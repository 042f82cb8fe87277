using System.Text;

namespace KestrelTlsUpgrade.Testing;

/// <summary>ClientHello records that no TLS library of today would send (RFC 5246 section 7.4.1.2).</summary>
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
        byte[] extensions =
        [
            // supported_groups: x25519, secp256r1
            0x00, 0x0A, 0x00, 0x06, 0x00, 0x04, 0x00, 0x1D, 0x00, 0x17,
            // ec_point_formats: uncompressed
            0x00, 0x0B, 0x00, 0x02, 0x01, 0x00,
            // signature_algorithms: ecdsa and rsa with SHA-256, rsa_pss_rsae_sha256
            0x00, 0x0D, 0x00, 0x08, 0x00, 0x06, 0x04, 0x03, 0x04, 0x01, 0x08, 0x04,
        ];
        byte[] body =
        [
            0x03, minorVersion,
            .. Enumerable.Range(0, 32).Select(i => (byte)i),
            // session_id: none
            0x00,
            (byte)(suites.Length >> 8), (byte)suites.Length, .. suites,
            // compression_methods: null
            0x01, 0x00,
            (byte)(extensions.Length >> 8), (byte)extensions.Length, .. extensions,
        ];
        byte[] handshake = [0x01, 0x00, (byte)(body.Length >> 8), (byte)body.Length, .. body];
        byte[] record = [0x16, 0x03, Math.Min(minorVersion, (byte)1), (byte)(handshake.Length >> 8), (byte)handshake.Length, .. handshake];
        return Encoding.Latin1.GetString(record);
    }
}
