using KestrelTlsUpgrade.Tunnel.Internal.Target;

namespace KestrelTlsUpgrade.Tunnel.Internal.Arrival;

/// <summary>What counts of the head of a CONNECT.</summary>
/// <param name="Target">Where to.</param>
/// <param name="ProxyAuthorization">The caller's credentials.</param>
internal sealed record ConnectRequest(ConnectTarget Target, string? ProxyAuthorization);
