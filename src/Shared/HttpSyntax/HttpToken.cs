using System.Buffers;
using System.Text;

namespace KestrelTlsUpgrade.Internal.HttpSyntax;

/// <summary>A token: a field name, a method, a protocol name (RFC 9110 section 5.6.2).</summary>
internal static class HttpToken
{
    /// <summary>All characters that a token can contain.</summary>
    public const string Alphabet = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    public static SearchValues<char> Chars { get; } = SearchValues.Create(Alphabet);

    public static SearchValues<byte> Octets { get; } = SearchValues.Create(Encoding.ASCII.GetBytes(Alphabet));

    /// <summary>Whether the text is a token. The empty text is not.</summary>
    public static bool IsValid(ReadOnlySpan<char> text) => !text.IsEmpty && !text.ContainsAnyExcept(Chars);

    /// <summary>Whether the octets are a token. No octets are not.</summary>
    public static bool IsValid(ReadOnlySpan<byte> octets) => !octets.IsEmpty && !octets.ContainsAnyExcept(Octets);
}
