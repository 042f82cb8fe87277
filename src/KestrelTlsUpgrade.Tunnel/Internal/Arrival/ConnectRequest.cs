using KestrelTlsUpgrade.Tunnel.Internal.Target;

namespace KestrelTlsUpgrade.Tunnel.Internal.Arrival;

/// <summary>The relevant parts of a CONNECT head.</summary>
/// <param name="Target">The destination.</param>
/// <param name="ProxyAuthorization">The caller's credentials.</param>
/// <param name="IsPersistent">Whether the caller may send another request on the connection if there is no tunnel.</param>
internal sealed record ConnectRequest(ConnectTarget Target, string? ProxyAuthorization, bool IsPersistent);
