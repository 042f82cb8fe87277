using KestrelTlsUpgrade.Tunnel.Internal.Answering;

namespace KestrelTlsUpgrade.Tunnel.Internal.Dialing;

/// <summary>The far side of a tunnel, or the reason why there is none. Neither is set if the caller no longer waits.</summary>
internal readonly record struct DialResult(Upstream? Upstream, Rejection? Rejection)
{
    public static DialResult Of(TunnelOutcome outcome) => new(null, Rejection.Of(outcome));
}
