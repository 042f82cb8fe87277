namespace KestrelTlsUpgrade.FunctionalTests.Report;

/// <summary>The system's clock, put back by as much as a test likes.</summary>
internal sealed class ShiftedClock : TimeProvider
{
    public TimeSpan Offset { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Offset;
}
