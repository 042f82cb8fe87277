using System.Net.Security;
using System.Security.Authentication;

namespace KestrelTlsUpgrade.Tool.Probing;

/// <summary>The TLS versions that a probe tries.</summary>
internal static class TlsVersions
{
#pragma warning disable CA5397, SYSLIB0039 // A probe checks whether a server still accepts obsolete versions (RFC 8996).
    public const SslProtocols Old = SslProtocols.Tls | SslProtocols.Tls11;
#pragma warning restore CA5397, SYSLIB0039

    public const SslProtocols Current = SslProtocols.Tls12 | SslProtocols.Tls13;

    public static IReadOnlyList<SslProtocols> All { get; } =
#pragma warning disable CA5397, SYSLIB0039
        [SslProtocols.Tls13, SslProtocols.Tls12, SslProtocols.Tls11, SslProtocols.Tls];
#pragma warning restore CA5397, SYSLIB0039

    /// <summary>The name as used in upgrade tokens and elsewhere.</summary>
    public static string NameOf(SslProtocols version) => version switch
    {
        SslProtocols.Tls12 => "TLS 1.2",
        SslProtocols.Tls13 => "TLS 1.3",
#pragma warning disable CA5397, SYSLIB0039
        SslProtocols.Tls => "TLS 1.0",
        SslProtocols.Tls11 => "TLS 1.1",
#pragma warning restore CA5397, SYSLIB0039
        _ => version.ToString(),
    };

    /// <summary>
    /// OpenSSL offers the old versions only at security level 0, which this policy selects. Nothing confidential is sent on such a
    /// connection.
    /// </summary>
    public static EncryptionPolicy PolicyFor(SslProtocols versions) =>
#pragma warning disable SYSLIB0040
        (versions & Old) != 0 ? EncryptionPolicy.AllowNoEncryption : EncryptionPolicy.RequireEncryption;
#pragma warning restore SYSLIB0040
}
