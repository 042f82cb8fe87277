using System.Buffers;
using KestrelTlsUpgrade.Internal.HttpSyntax;

namespace KestrelTlsUpgrade.Report.Internal.Collecting;

/// <summary>
/// The product that a User-Agent field names first, with its version (RFC 9110 section 10.1.5): <c>CUPS/2.4.2</c> of
/// <c>CUPS/2.4.2 (Linux) IPP/2.0</c>.
/// </summary>
internal static class ProductToken
{
    /// <summary>No client needs more, and the rest is not kept.</summary>
    public const int MaxLength = 48;

    private static readonly SearchValues<char> ProductChars = SearchValues.Create(HttpToken.Alphabet + "/");

    /// <summary>The product, or empty if the field is absent or does not begin with one.</summary>
    public static ReadOnlySpan<char> Find(ReadOnlySpan<char> userAgent)
    {
        var length = userAgent.IndexOfAnyExcept(ProductChars);
        return userAgent[..Math.Min(length < 0 ? userAgent.Length : length, MaxLength)];
    }
}
