using System.Security.Authentication;

namespace KestrelTlsUpgrade.Internal.Negotiation;

/// <summary>How upgrade tokens are written, read and related to TLS versions.</summary>
internal static class UpgradeTokenText
{
    /// <summary>Reads one member of an Upgrade list. A protocol name is compared without case (RFC 9110 section 7.8).</summary>
    public static UpgradeToken Parse(ReadOnlySpan<char> member)
    {
        if (!member.StartsWith("TLS", StringComparison.OrdinalIgnoreCase))
        {
            return UpgradeToken.None;
        }

        return member[3..] switch
        {
            "" => UpgradeToken.AnyTls,
            "/1.0" => UpgradeToken.Tls10,
            "/1.1" => UpgradeToken.Tls11,
            "/1.2" => UpgradeToken.Tls12,
            "/1.3" => UpgradeToken.Tls13,
            _ => UpgradeToken.None,
        };
    }

    /// <summary>The token in capitals: Apache HttpClient refuses a 101 that spells it otherwise.</summary>
    public static string Format(UpgradeToken token) => token switch
    {
        UpgradeToken.AnyTls => "TLS",
        UpgradeToken.Tls10 => "TLS/1.0",
        UpgradeToken.Tls11 => "TLS/1.1",
        UpgradeToken.Tls12 => "TLS/1.2",
        UpgradeToken.Tls13 => "TLS/1.3",
        _ => throw new ArgumentOutOfRangeException(nameof(token)),
    };

    /// <summary>The TLS version that a token names, or every version for one that names none.</summary>
    public static SslProtocols ToVersions(UpgradeToken token) => token switch
    {
#pragma warning disable CA5397, SYSLIB0039 // The versions exist on the wire; whether they are enabled is the owner's setting.
        UpgradeToken.Tls10 => SslProtocols.Tls,
        UpgradeToken.Tls11 => SslProtocols.Tls11,
#pragma warning restore CA5397, SYSLIB0039
        UpgradeToken.Tls12 => SslProtocols.Tls12,
        UpgradeToken.Tls13 => SslProtocols.Tls13,
        _ => ~SslProtocols.None,
    };

    /// <summary>
    /// The tokens of the versions given, the highest first, and the protocol that is spoken over them (RFC 2817 section 4.1).
    /// </summary>
    public static string FormatList(SslProtocols versions) => string.Join(", ", [.. TokensOf(versions), "HTTP/1.1"]);

    /// <summary>The tokens of the versions given, the highest first.</summary>
    public static string FormatOffer(SslProtocols versions) => string.Join(", ", TokensOf(versions));

    private static List<string> TokensOf(SslProtocols versions)
    {
        var tokens = new List<string>();
        for (var token = UpgradeToken.Tls13; token >= UpgradeToken.Tls10; token--)
        {
            if ((ToVersions(token) & versions) != 0)
            {
                tokens.Add(Format(token));
            }
        }

        return tokens;
    }
}
