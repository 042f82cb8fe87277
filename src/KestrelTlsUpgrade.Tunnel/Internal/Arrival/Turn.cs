using KestrelTlsUpgrade.Tunnel.Internal.Target;

namespace KestrelTlsUpgrade.Tunnel.Internal.Arrival;

/// <summary>Where a CONNECT stands among those of its connection.</summary>
/// <param name="Challenged">The target for which the caller got a 407 on the connection, and so has to send credentials.</param>
/// <param name="MayRepeat">Whether the caller may send another one after a 407.</param>
internal readonly record struct Turn(ConnectTarget? Challenged, bool MayRepeat)
{
    public bool IsBehindChallenge => Challenged is not null;

    /// <summary>Whether the caller may send a CONNECT for the target. Clients answer a challenge with the request that was challenged.</summary>
    public bool Admits(ConnectTarget target) => Challenged is null || target == Challenged;
}
