using Microsoft.AspNetCore.Http;

namespace KestrelTlsUpgrade.Internal.Negotiation;

/// <summary>
/// Detects requests that came through a proxy which identifies itself. If a proxy relays a 101, its client gets a channel that bypasses the
/// proxy's rules, as in h2c smuggling.
/// </summary>
internal static class Intermediary
{
    /// <summary>Includes the third character because many names begin with <c>X-</c>.</summary>
    private const int KeyLength = 3;

    private const string ForwardedFor = "X-Forwarded-For";

    /// <summary>Sparse, because every field of a request is looked up: most lookups must end at an empty bucket.</summary>
    private static readonly ProxyField[][] Buckets = Distribute(ProxyFields.All);

    public static bool IsShownBy(IHeaderDictionary fields)
    {
        foreach (var field in fields)
        {
            if (IsShownBy(field.Key))
            {
                return true;
            }
        }

        return false;
    }

    public static bool IsShownBy(ReadOnlySpan<char> fieldName) => Find(fieldName) is not null;

    /// <summary>
    /// Whether the proxy is one of the server's side. A forward proxy shows itself with Via, and squid with X-Forwarded-For beside it; its
    /// client can open a tunnel through it (RFC 2817 section 5).
    /// </summary>
    public static bool IsReverseProxyShownBy(IHeaderDictionary fields)
    {
        var isForwardedForOfAny = fields.Via.Count > 0;
        foreach (var field in fields)
        {
            if (Find(field.Key) is { IsOfForwardProxies: false }
                && !(isForwardedForOfAny && field.Key.Equals(ForwardedFor, StringComparison.OrdinalIgnoreCase)))
            {
                return true;
            }
        }

        return false;
    }

    private static ProxyField? Find(ReadOnlySpan<char> fieldName)
    {
        if (fieldName.Length < KeyLength)
        {
            return null;
        }

        foreach (var field in Buckets[GetBucket(fieldName)])
        {
            if (field.Covers(fieldName))
            {
                return field;
            }
        }

        return null;
    }

    private static ProxyField[][] Distribute(ProxyField[] fields)
    {
        var buckets = new ProxyField[32 * 32][];
        Array.Fill(buckets, []);
        foreach (var bucket in fields.GroupBy(static field => GetBucket(field.Stem)))
        {
            buckets[bucket.Key] = [.. bucket];
        }

        return buckets;
    }

    /// <summary>The lower five bits of a letter are the same in upper and lower case.</summary>
    private static int GetBucket(ReadOnlySpan<char> name) => ((name[0] & 31) << 5) | (name[2] & 31);
}
