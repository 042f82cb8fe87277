using System.Net;
using KestrelTlsUpgrade.Connections;
using KestrelTlsUpgrade.Internal.Negotiation;

namespace KestrelTlsUpgrade.Internal.Fallback;

/// <summary>
/// A caller: its address, and the hash of its User-Agent. With the hash of a host, the caller as it calls that host: a certificate may suit
/// one host and not another.
/// </summary>
internal readonly record struct FallbackKey(CallerKey Address, int UserAgent, int Host)
{
    public static FallbackKey Of(EndPoint? caller, UpgradeRequest request)
    {
        var host = new HashCode();
        foreach (var character in request.Host)
        {
            host.Add(char.ToLowerInvariant(character));
        }

        var userAgent = new HashCode();
        userAgent.AddBytes(request.FindUserAgent());
        return new(CallerKey.Of(caller), userAgent.ToHashCode(), host.ToHashCode());
    }

    /// <summary>The caller, whichever host it calls.</summary>
    public FallbackKey ForAllHosts() => this with { Host = 0 };
}
