using KestrelTlsUpgrade.Client;

namespace KestrelTlsUpgrade.Tool.Requests;

/// <summary>A request as given on the command line.</summary>
internal sealed record RequestSettings(Uri Url)
{
    public required HttpMethod Method { get; init; }

    /// <summary>Whether it addresses the server as a whole (RFC 9110 section 9.3.7).</summary>
    public bool IsServerWide { get; init; }

    /// <summary>Whether to ask for HTTP/2 or lower, as https clients do. Nothing can send <c>OPTIONS *</c> with HTTP/2 here.</summary>
    public bool UsesHttp2 => Url.Scheme == Uri.UriSchemeHttps && !IsServerWide;

    public IReadOnlyList<RequestField> Fields { get; init; } = [];

    public IReadOnlyList<string> Contents { get; init; } = [];

    public string? OutputFile { get; init; }

    public bool IncludesHead { get; init; }

    public bool IsVerbose { get; init; }

    public bool FailsOnStatus { get; init; }

    public TlsUpgradeMode Mode { get; init; }

    public bool IsInsecure { get; init; }

    public string? RootsFile { get; init; }

    public string? CertificateFile { get; init; }

    public string? KeyFile { get; init; }

    public string? KeyPassword { get; init; }

    public string? Proxy { get; init; }

    public bool UsesProxy { get; init; } = true;

    public required TimeSpan Timeout { get; init; }
}
