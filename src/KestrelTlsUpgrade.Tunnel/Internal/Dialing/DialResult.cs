using KestrelTlsUpgrade.Tunnel.Internal.Answering;

namespace KestrelTlsUpgrade.Tunnel.Internal.Dialing;

/// <summary>The far side of a tunnel, or why there is none. Neither where nobody waits for it any more.</summary>
internal readonly record struct DialResult(Upstream? Upstream, Rejection? Rejection)
{
    public static DialResult Of(TunnelOutcome outcome) => new(null, Rejection.Of(outcome));
}
