namespace KestrelTlsUpgrade.FunctionalTests.Fleet;

/// <summary>Real timers, and durations that seem short: on a busy machine a handshake with Java takes longer than others wait for it.</summary>
internal sealed class UnhurriedClock : TimeProvider
{
    private const int Slowness = 50;

    public override long GetTimestamp() => base.GetTimestamp() / Slowness;
}
