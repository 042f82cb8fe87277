using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace KestrelTlsUpgrade.Soak;

/// <summary>A request and all that its response must be. Both sides know it from the number alone.</summary>
internal readonly record struct Exchange(long Id)
{
    private static long _lastId;

    /// <summary>Whether content goes to the server, which answers with its hash, and not the other way.</summary>
    public bool IsUpload => Id % 4 == 3;

    /// <summary>Whether the side that sends the content does not say its length before.</summary>
    public bool IsChunked => Id / 4 % 2 == 1;

    public string Method => IsUpload ? "POST" : "GET";

    public string Target => string.Create(CultureInfo.InvariantCulture, $"/{(IsUpload ? "upload" : "download")}/{Id}");

    /// <summary>Nothing, less than a block, a few blocks, or up to 4 MiB.</summary>
    public int Length
    {
        get
        {
            var random = Scramble(Id);
            var size = (int)(random >> 40);
            return (random % 100) switch
            {
                < 10 => 0,
                < 55 => 1 + (size % 1024),
                < 88 => 1024 + (size % (64 * 1024)),
                < 98 => (64 * 1024) + (size % (256 * 1024)),
                _ => (1024 * 1024) + (size % (3 * 1024 * 1024)),
            };
        }
    }

    public IEnumerable<ReadOnlyMemory<byte>> Content => SoakContent.Read(Scramble(~Id), Length);

    /// <summary>The hash of what the response contains: of the content, or of its hash in hexadecimal.</summary>
    public string ResponseHash
    {
        get
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            foreach (var block in Content)
            {
                hash.AppendData(block.Span);
            }

            var content = Convert.ToHexString(hash.GetHashAndReset());
            return IsUpload ? Convert.ToHexString(SHA256.HashData(Encoding.ASCII.GetBytes(content))) : content;
        }
    }

    /// <summary>One that there has not been yet.</summary>
    public static Exchange Next() => new(Interlocked.Increment(ref _lastId));

    /// <summary>One that can ask for an upgrade: without content of its own.</summary>
    public static Exchange NextDownload()
    {
        var exchange = Next();
        return exchange.IsUpload ? Next() : exchange;
    }

    public static bool TryParse(string method, string target, out Exchange exchange)
    {
        exchange = long.TryParse(target.AsSpan(target.LastIndexOf('/') + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? new(id)
            : default;
        return id > 0 && exchange.Target == target && exchange.Method == method;
    }

    /// <summary>The finalizer of SplitMix64.</summary>
    private static ulong Scramble(long value)
    {
        var bits = unchecked((ulong)value * 0x9E3779B97F4A7C15);
        bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9;
        bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB;
        return bits ^ (bits >> 31);
    }
}
