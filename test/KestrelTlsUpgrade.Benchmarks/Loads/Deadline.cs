using System.Diagnostics;

namespace KestrelTlsUpgrade.Benchmarks.Loads;

/// <summary>The end of a measurement. It is asked for, as a busy thread pool would be late with a timer.</summary>
internal readonly struct Deadline(TimeSpan duration)
{
    private readonly long _start = Stopwatch.GetTimestamp();

    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_start);

    public bool IsOver => Elapsed >= duration;
}
