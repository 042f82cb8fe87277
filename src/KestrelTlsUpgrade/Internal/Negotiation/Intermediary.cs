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

    public static bool IsShownBy(ReadOnlySpan<char> fieldName)
    {
        if (fieldName.Length < KeyLength)
        {
            return false;
        }

        foreach (var field in Buckets[GetBucket(fieldName)])
        {
            if (field.Covers(fieldName))
            {
                return true;
            }
        }

        return false;
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
