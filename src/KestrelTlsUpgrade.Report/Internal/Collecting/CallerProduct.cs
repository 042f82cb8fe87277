using System.Buffers;

namespace KestrelTlsUpgrade.Report.Internal.Collecting;

/// <summary>
/// What a caller calls itself: the product that its User-Agent names first. Browsers and many bots name <c>Mozilla/5.0</c> first, so
/// theirs is the one by which people know them.
/// </summary>
internal static class CallerProduct
{
    private const string Compatible = "compatible; ";
    private const string SafariVersion = "Version";

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789");

    /// <summary>
    /// The products of browsers. A browser also names those that it descends from, so the first one in this list that it names is its own.
    /// </summary>
    private static readonly (string Product, string Name)[] Browsers =
    [
        ("Edg", "Edge"), ("EdgA", "Edge"), ("EdgiOS", "Edge"), ("Edge", "Edge"),
        ("OPR", "Opera"), ("OPT", "Opera"),
        ("SamsungBrowser", "SamsungBrowser"),
        ("HeadlessChrome", "HeadlessChrome"),
        ("FxiOS", "Firefox"), ("Firefox", "Firefox"),
        ("CriOS", "Chrome"), ("Chrome", "Chrome"),
        ("Safari", "Safari"),
    ];

    /// <summary>The product, or empty if the field is absent or does not begin with one.</summary>
    /// <param name="userAgent">The User-Agent field.</param>
    /// <param name="buffer">Room for a browser's name, of <see cref="ProductToken.MaxLength"/>: what is returned may lie in it.</param>
    public static ReadOnlySpan<char> Find(ReadOnlySpan<char> userAgent, Span<char> buffer)
    {
        var first = ProductToken.Find(userAgent);
        return first.StartsWith("Mozilla/", StringComparison.Ordinal) ? FindBrowser(userAgent, first, buffer) : first;
    }

    private static ReadOnlySpan<char> FindBrowser(ReadOnlySpan<char> userAgent, ReadOnlySpan<char> first, Span<char> buffer)
    {
        var bot = userAgent.IndexOf(Compatible, StringComparison.Ordinal);
        if (bot >= 0 && ProductToken.Find(userAgent[(bot + Compatible.Length)..]) is { IsEmpty: false } product)
        {
            return product;
        }

        var rank = Browsers.Length;
        var version = default(ReadOnlySpan<char>);
        var safariVersion = default(ReadOnlySpan<char>);
        var last = first;
        for (var rest = userAgent; !rest.IsEmpty; rest = SkipToNext(rest))
        {
            var named = ProductToken.Find(rest);
            var slash = named.IndexOf('/');
            if (slash <= 0)
            {
                continue;
            }

            last = named;
            if (named[..slash] is SafariVersion)
            {
                safariVersion = named[(slash + 1)..];
            }
            else if (FindRank(named[..slash]) is var found && found < rank)
            {
                rank = found;
                version = named[(slash + 1)..];
            }
        }

        // Other programs that begin like a browser name themselves last.
        return rank == Browsers.Length ? last
            : Write(Browsers[rank].Name, Browsers[rank].Name is "Safari" && !safariVersion.IsEmpty ? safariVersion : version, buffer);
    }

    private static int FindRank(ReadOnlySpan<char> product)
    {
        for (var i = 0; i < Browsers.Length; i++)
        {
            if (product.SequenceEqual(Browsers[i].Product))
            {
                return i;
            }
        }

        return Browsers.Length;
    }

    /// <summary>Skips a product, and the comments and spaces that separate it from the next.</summary>
    private static ReadOnlySpan<char> SkipToNext(ReadOnlySpan<char> rest)
    {
        var depth = 0;
        while (true)
        {
            var end = depth == 0 ? rest.IndexOfAny(' ', '(') : rest.IndexOfAny('(', ')');
            if (end < 0)
            {
                return default;
            }

            depth += rest[end] switch { '(' => 1, ')' => -1, _ => 0 };
            var isSpace = rest[end] is ' ';
            rest = rest[(end + 1)..];
            if (isSpace && !rest.IsEmpty && rest[0] is not (' ' or '('))
            {
                return rest;
            }
        }
    }

    /// <summary>The name, with the number before the first dot of the version.</summary>
    private static ReadOnlySpan<char> Write(string name, ReadOnlySpan<char> version, Span<char> buffer)
    {
        var digits = version.IndexOfAnyExcept(Digits);
        var major = version[..Math.Min(digits < 0 ? version.Length : digits, ProductToken.MaxLength - name.Length - 1)];
        name.CopyTo(buffer);
        if (major.IsEmpty)
        {
            return buffer[..name.Length];
        }

        buffer[name.Length] = '/';
        major.CopyTo(buffer[(name.Length + 1)..]);
        return buffer[..(name.Length + 1 + major.Length)];
    }
}
