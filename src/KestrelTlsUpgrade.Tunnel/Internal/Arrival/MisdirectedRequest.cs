namespace KestrelTlsUpgrade.Tunnel.Internal.Arrival;

/// <summary>A request in absolute-form for another server.</summary>
/// <param name="Authority">The other server, in printable characters.</param>
/// <param name="IsHead">Whether the method is HEAD, whose answer has no content.</param>
internal sealed record MisdirectedRequest(string Authority, bool IsHead);
