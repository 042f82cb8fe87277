using System.Net.Security;
using System.Security.Authentication;
using KestrelTlsUpgrade.Internal.Versions;

namespace KestrelTlsUpgrade.Tool.Probing;

/// <summary>The TLS versions that a probe tries.</summary>
internal static class TlsVersions
{
    public static SslProtocols Old { get; } = TlsVersion.Every & ~TlsVersion.Recommended;

    public static SslProtocols Current { get; } = TlsVersion.Recommended;

    /// <summary>Every version, the highest first.</summary>
    public static IReadOnlyList<SslProtocols> All { get; } = [.. TlsVersion.All.Select(static version => version.Protocol).Reverse()];

    public static string NameOf(SslProtocols version) => TlsVersion.Find(version)?.Name ?? version.ToString();

    /// <summary>
    /// OpenSSL offers the old versions only at security level 0, which this policy selects. Nothing confidential is sent on such a
    /// connection.
    /// </summary>
    public static EncryptionPolicy PolicyFor(SslProtocols versions) =>
#pragma warning disable SYSLIB0040
        (versions & Old) != 0 ? EncryptionPolicy.AllowNoEncryption : EncryptionPolicy.RequireEncryption;
#pragma warning restore SYSLIB0040
}
