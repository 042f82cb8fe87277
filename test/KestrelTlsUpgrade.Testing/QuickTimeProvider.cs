namespace KestrelTlsUpgrade.Testing;

/// <summary>Real time whose timers run fifty times as fast: what happens every second is over soon enough to wait for.</summary>
internal sealed class QuickTimeProvider : TimeProvider
{
    private const int Speed = 50;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        base.CreateTimer(callback, state, Quicken(dueTime), Quicken(period));

    private static TimeSpan Quicken(TimeSpan time) => time > TimeSpan.Zero ? time / Speed : time;
}
