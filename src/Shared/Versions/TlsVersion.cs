using System.Security.Authentication;

namespace KestrelTlsUpgrade.Internal.Versions;

/// <summary>A TLS version with its notation in upgrade tokens, settings, tags, messages and on the wire.</summary>
/// <param name="Protocol">The version in .NET. Settings use its name.</param>
/// <param name="Number">The number in upgrade tokens, messages and OpenTelemetry tags.</param>
/// <param name="Wire">The ProtocolVersion of RFC 8446 section 4.1.2.</param>
/// <param name="IsRecommended">Whether the version is enabled by default (RFC 9325 section 3.1.1).</param>
internal sealed record TlsVersion(SslProtocols Protocol, string Number, ushort Wire, bool IsRecommended)
{
    /// <summary>
    /// All versions, in ascending order. A new one needs a row here and a member of UpgradeToken; a test checks that both agree.
    /// </summary>
    public static IReadOnlyList<TlsVersion> All { get; } =
    [
#pragma warning disable CA5397, SYSLIB0039 // For operators who enable them: some printers support nothing else.
        new(SslProtocols.Tls, "1.0", 0x0301, IsRecommended: false),
        new(SslProtocols.Tls11, "1.1", 0x0302, IsRecommended: false),
#pragma warning restore CA5397, SYSLIB0039
        new(SslProtocols.Tls12, "1.2", 0x0303, IsRecommended: true),
        new(SslProtocols.Tls13, "1.3", 0x0304, IsRecommended: true),
    ];

    /// <summary>All versions that can be enabled.</summary>
    public static SslProtocols Every { get; } = Combine(All);

    /// <summary>The versions that are enabled by default.</summary>
    public static SslProtocols Recommended { get; } = Combine(All.Where(static version => version.IsRecommended));

    public string Token { get; } = $"TLS/{Number}";

    public string Name { get; } = $"TLS {Number}";

    /// <summary>The row of a single version, or <see langword="null"/> for any other value.</summary>
    public static TlsVersion? Find(SslProtocols protocol)
    {
        foreach (var version in All)
        {
            if (version.Protocol == protocol)
            {
                return version;
            }
        }

        return null;
    }

    private static SslProtocols Combine(IEnumerable<TlsVersion> versions) =>
        versions.Aggregate(SslProtocols.None, static (all, version) => all | version.Protocol);
}
