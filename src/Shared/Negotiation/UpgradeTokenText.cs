using System.Security.Authentication;
using KestrelTlsUpgrade.Internal.Versions;

namespace KestrelTlsUpgrade.Internal.Negotiation;

/// <summary>Parses and formats upgrade tokens, and maps them to TLS versions.</summary>
internal static class UpgradeTokenText
{
    /// <summary>The token of the highest version.</summary>
    public static readonly UpgradeToken Highest = TokenOf(TlsVersion.All.Count - 1);

    /// <summary>Parses one member of an Upgrade field. Protocol names are case-insensitive (RFC 9110 section 7.8).</summary>
    public static UpgradeToken Parse(ReadOnlySpan<char> member)
    {
        const string Name = "TLS";
        if (!member.StartsWith(Name, StringComparison.OrdinalIgnoreCase))
        {
            return UpgradeToken.None;
        }

        if (member.Length == Name.Length)
        {
            return UpgradeToken.AnyTls;
        }

        for (var i = 0; i < TlsVersion.All.Count; i++)
        {
            if (member[Name.Length..].SequenceEqual(TlsVersion.All[i].Token.AsSpan(Name.Length)))
            {
                return TokenOf(i);
            }
        }

        return UpgradeToken.None;
    }

    /// <summary>Formats a token in upper case: Apache HttpClient refuses a 101 with another spelling.</summary>
    public static string Format(UpgradeToken token) => token switch
    {
        UpgradeToken.AnyTls => "TLS",
        >= UpgradeToken.Tls10 => VersionOf(token).Token,
        _ => throw new ArgumentOutOfRangeException(nameof(token)),
    };

    /// <summary>The TLS version that a token names, or all versions if it names none.</summary>
    public static SslProtocols ToVersions(UpgradeToken token) =>
        token < UpgradeToken.Tls10 ? TlsVersion.Every : VersionOf(token).Protocol;

    /// <summary>
    /// Formats the tokens of the given versions, highest first, followed by the protocol above TLS (RFC 2817 section 4.1).
    /// </summary>
    public static string FormatList(SslProtocols versions) => string.Join(", ", [.. TokensOf(versions), "HTTP/1.1"]);

    /// <summary>Formats the tokens of the given versions, highest first.</summary>
    public static string FormatOffer(SslProtocols versions) => string.Join(", ", TokensOf(versions));

    private static IEnumerable<string> TokensOf(SslProtocols versions) => TlsVersion.All
        .Where(version => (version.Protocol & versions) != 0)
        .Select(static version => version.Token)
        .Reverse();

    private static UpgradeToken TokenOf(int row) => UpgradeToken.Tls10 + row;

    private static TlsVersion VersionOf(UpgradeToken token) => TlsVersion.All[token - UpgradeToken.Tls10];
}
