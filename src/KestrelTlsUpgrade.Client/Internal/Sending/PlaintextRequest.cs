namespace KestrelTlsUpgrade.Client.Internal.Sending;

/// <summary>Identifies requests for plaintext connections, which are therefore subject to the upgrade.</summary>
internal static class PlaintextRequest
{
    /// <summary>Whether the URI's connection starts in clear text. A WebSocket starts as HTTP/1.1.</summary>
    public static bool IsPlaintext(Uri? uri) => uri is { IsAbsoluteUri: true, Scheme: "http" or "ws" };

    /// <summary>Whether the caller requires HTTP/2 in clear text, which has no upgrade (RFC 9113 section 8.6).</summary>
    public static bool InsistsOnHttp2(HttpRequestMessage request) =>
        request is { Version.Major: >= 2, VersionPolicy: not HttpVersionPolicy.RequestVersionOrLower };
}
