using System.Security.Authentication;
using KestrelTlsUpgrade.Internal.Tls.Hellos;

namespace KestrelTlsUpgrade.Testing;

/// <summary>What decides who is served, as the product reads it and as <see cref="WireHello"/> does.</summary>
internal sealed record HelloFacts(
    string? ServerName,
    bool OffersHttp2,
    bool OffersLaterHttp,
    bool OffersHttp11,
    bool HasPlainMark,
    string? BoundMark,
    bool HasSeveralBoundMarks,
    bool HasGrease,
    bool HasEncryptedHello,
    SslProtocols Versions)
{
    public static HelloFacts Of(ClientHello hello) => new(
        hello.ServerName,
        hello.OffersHttp2,
        hello.OffersLaterHttp,
        hello.OffersHttp11,
        hello.HasPlainMark,
        hello.BoundMark,
        hello.HasSeveralBoundMarks,
        hello.HasGrease,
        hello.HasEncryptedHello,
        hello.Versions);

    public static HelloFacts Of(WireHello hello)
    {
        var marks = hello.Protocols.Where(static id => id.StartsWith("http/1.1-upgraded=", StringComparison.Ordinal)).ToArray();
        return new(
            hello.ServerName,
            hello.Protocols.Contains("h2"),
            hello.Protocols.Intersect(["h2", "h2c", "h3"]).Any(),
            hello.Protocols.Contains("http/1.1"),
            hello.Protocols.Contains("http/1.1-upgraded"),
            marks.LastOrDefault(),
            marks.Length > 1,
            hello.HasGrease,
            hello.HasEncryptedHello,
            hello.Versions.Aggregate(SslProtocols.None, static (all, version) => all | ToProtocol(version)));
    }

#pragma warning disable CA5397, CS0618, SYSLIB0039 // What clients offer, whether it is served or not.
    private static SslProtocols ToProtocol(int version) => version switch
    {
        0x0300 => SslProtocols.Ssl3,
        0x0301 => SslProtocols.Tls,
        0x0302 => SslProtocols.Tls11,
        0x0303 => SslProtocols.Tls12,
        0x0304 => SslProtocols.Tls13,
        _ => SslProtocols.None,
    };
#pragma warning restore CA5397, CS0618, SYSLIB0039
}
