namespace KestrelTlsUpgrade.Tunnel.Internal.Arrival;

/// <summary>Where a CONNECT stands among those of its connection.</summary>
/// <param name="IsBehindChallenge">Whether the caller got a 407 on the connection, and so has to send credentials.</param>
/// <param name="MayRepeat">Whether the caller may send another one after a 407.</param>
internal readonly record struct Turn(bool IsBehindChallenge, bool MayRepeat);
