namespace KestrelTlsUpgrade.Tool.Probing;

/// <summary>The probed server: the parts of an http:// URI.</summary>
/// <param name="Host">The host to connect to, also used for SNI and the certificate's name. An IPv6 address has no brackets.</param>
/// <param name="Port">The port.</param>
/// <param name="Path">The path and query to request.</param>
internal sealed record ProbeTarget(string Host, int Port, string Path)
{
    /// <summary>The Host field (RFC 9112 section 3.2).</summary>
    public string Authority
    {
        get
        {
            var host = Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host;
            return Port == 80 ? host : $"{host}:{Port}";
        }
    }

    public override string ToString() => $"http://{Authority}{Path}";

    /// <summary>Splits a URI into its parts. Returns <see langword="null"/> if it is not an <c>http://</c> URI.</summary>
    public static ProbeTarget? TryCreate(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri is { Scheme: "http", Host.Length: > 0, UserInfo.Length: 0 }
            ? new ProbeTarget(uri.IdnHost, uri.Port, uri.PathAndQuery)
            : null;
}
