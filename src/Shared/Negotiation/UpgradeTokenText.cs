using System.Security.Authentication;

namespace KestrelTlsUpgrade.Internal.Negotiation;

/// <summary>Parses and formats upgrade tokens, and maps them to TLS versions.</summary>
internal static class UpgradeTokenText
{
    /// <summary>Parses one member of an Upgrade field. Protocol names are case-insensitive (RFC 9110 section 7.8).</summary>
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

    /// <summary>Formats a token in upper case: Apache HttpClient refuses a 101 with another spelling.</summary>
    public static string Format(UpgradeToken token) => token switch
    {
        UpgradeToken.AnyTls => "TLS",
        UpgradeToken.Tls10 => "TLS/1.0",
        UpgradeToken.Tls11 => "TLS/1.1",
        UpgradeToken.Tls12 => "TLS/1.2",
        UpgradeToken.Tls13 => "TLS/1.3",
        _ => throw new ArgumentOutOfRangeException(nameof(token)),
    };

    /// <summary>The TLS version that a token names, or all versions if it names none.</summary>
    public static SslProtocols ToVersions(UpgradeToken token) => token switch
    {
#pragma warning disable CA5397, SYSLIB0039 // The versions exist on the wire; the operator decides whether they are enabled.
        UpgradeToken.Tls10 => SslProtocols.Tls,
        UpgradeToken.Tls11 => SslProtocols.Tls11,
#pragma warning restore CA5397, SYSLIB0039
        UpgradeToken.Tls12 => SslProtocols.Tls12,
        UpgradeToken.Tls13 => SslProtocols.Tls13,
        _ => ~SslProtocols.None,
    };

    /// <summary>
    /// Formats the tokens of the given versions, highest first, followed by the protocol above TLS (RFC 2817 section 4.1).
    /// </summary>
    public static string FormatList(SslProtocols versions) => string.Join(", ", [.. TokensOf(versions), "HTTP/1.1"]);

    /// <summary>Formats the tokens of the given versions, highest first.</summary>
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
