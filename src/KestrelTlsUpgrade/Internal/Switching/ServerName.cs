namespace KestrelTlsUpgrade.Internal.Switching;

/// <summary>The server name that a TLS client asks for (RFC 6066 section 3).</summary>
internal static class ServerName
{
    /// <summary>Whether it is the host that the request in clear text named. A client need not send one.</summary>
    public static bool Agrees(string serverName, string host) =>
        serverName.Length == 0 || TrimDot(serverName).Equals(TrimDot(host), StringComparison.OrdinalIgnoreCase);

    private static ReadOnlySpan<char> TrimDot(ReadOnlySpan<char> name) => name.EndsWith('.') ? name[..^1] : name;
}
