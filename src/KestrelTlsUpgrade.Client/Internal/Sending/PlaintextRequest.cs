namespace KestrelTlsUpgrade.Client.Internal.Sending;

/// <summary>Which requests are for a connection in clear text, and hence subject to the upgrade.</summary>
internal static class PlaintextRequest
{
    /// <summary>Whether the URI names a connection that starts in clear text. WebSocket begins as HTTP/1.1.</summary>
    public static bool IsPlaintext(Uri? uri) => uri is { IsAbsoluteUri: true, Scheme: "http" or "ws" };

    /// <summary>Whether the caller insists on HTTP/2 in clear text, which has no upgrade (RFC 9113 section 8.6).</summary>
    public static bool InsistsOnHttp2(HttpRequestMessage request) =>
        request is { Version.Major: >= 2, VersionPolicy: not HttpVersionPolicy.RequestVersionOrLower };
}
