using KestrelTlsUpgrade.Internal.HttpSyntax;

namespace KestrelTlsUpgrade.Internal.Negotiation;

/// <summary>The product that a User-Agent field names first, without its version (RFC 9110 section 10.1.5).</summary>
internal static class Product
{
    public const string Expected = "a product of User-Agent without its version, such as CUPS";

    public static bool IsName(string text) => HttpToken.IsValid(text);

    /// <summary>Reads the name of a product from a setting.</summary>
    public static bool TryRead(string text, out string name)
    {
        name = text;
        return IsName(text);
    }

    /// <summary>The product, or empty if the field is absent or does not begin with one.</summary>
    public static ReadOnlySpan<char> Find(ReadOnlySpan<char> userAgent)
    {
        var length = userAgent.IndexOfAnyExcept(HttpToken.Chars);
        return length < 0 ? userAgent : userAgent[..length];
    }
}
