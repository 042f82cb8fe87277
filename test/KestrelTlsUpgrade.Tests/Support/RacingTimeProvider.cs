namespace KestrelTlsUpgrade.Tests.Support;

/// <summary>Lets something happen just after the time was read.</summary>
internal sealed class RacingTimeProvider : TimeProvider
{
    private long _now;
    private Func<Task>? _onNextRead;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public void Pass(TimeSpan time) => _now += time.Ticks;

    public void OnNextRead(Func<Task> action) => _onNextRead = action;

    public override long GetTimestamp()
    {
        var now = _now;
        var action = _onNextRead;
        _onNextRead = null;
        action?.Invoke().GetAwaiter().GetResult();
        return now;
    }
}
