namespace KestrelTlsUpgrade.Report.Internal.Collecting;

/// <summary>
/// Counts the last day by the minutes of the clock, without locks. A minute in which nothing happens takes no memory, and all of
/// them together no more than half a megabyte.
/// </summary>
internal sealed class TrafficHistory
{
    public const int Minutes = 24 * 60;

    /// <summary>One minute per slot, at its number modulo the length.</summary>
    private readonly Minute?[] _minutes = new Minute?[Minutes];

    /// <summary>The counts of the current minute.</summary>
    public TrafficCounts At(DateTimeOffset now)
    {
        var number = GetNumber(now);
        ref var place = ref _minutes[number % Minutes];
        var minute = Volatile.Read(ref place);
        while (minute is null || minute.Number != number)
        {
            var next = new Minute(number);
            var there = Interlocked.CompareExchange(ref place, next, minute);
            minute = ReferenceEquals(there, minute) ? next : there;
        }

        return minute.Counts;
    }

    /// <summary>Reads the past steps.</summary>
    /// <param name="now">From when.</param>
    /// <param name="minutesOfStep">The length of a step. Steps begin where the clock shows a multiple of it.</param>
    /// <param name="steps">The number of steps, with the one that is not over yet; a day together at most.</param>
    /// <returns>The steps, the oldest first.</returns>
    public IReadOnlyList<Step> Read(DateTimeOffset now, int minutesOfStep, int steps)
    {
        var last = GetNumber(now);
        var first = ((last / minutesOfStep) - steps + 1) * minutesOfStep;
        var result = new Step[steps];
        for (var i = 0; i < steps; i++)
        {
            var from = first + ((long)i * minutesOfStep);
            var counts = new TrafficCounts();

            // A clock that is not set yet shows the beginning of 1970, and no minute precedes that.
            for (var number = Math.Max(0, from); number < from + minutesOfStep && number <= last; number++)
            {
                if (Volatile.Read(ref _minutes[number % Minutes]) is { } minute && minute.Number == number)
                {
                    counts.Add(minute.Counts);
                }
            }

            result[i] = new(DateTimeOffset.UnixEpoch.AddMinutes(from), counts);
        }

        return result;
    }

    /// <summary>The minutes of the last day in which something happened.</summary>
    public IEnumerable<(long Number, TrafficCounts Counts)> ReadMinutes(DateTimeOffset now)
    {
        var last = GetNumber(now);
        for (var number = Math.Max(0, last - Minutes + 1); number <= last; number++)
        {
            if (Volatile.Read(ref _minutes[number % Minutes]) is { } minute && minute.Number == number)
            {
                yield return (number, minute.Counts);
            }
        }
    }

    /// <summary>Adds a minute of an earlier run of the application.</summary>
    public void Restore(long number, IReadOnlyDictionary<string, long> counts)
    {
        ref var place = ref _minutes[number % Minutes];
        if (place is null || place.Number < number)
        {
            place = new Minute(number);
        }

        if (place.Number == number)
        {
            place.Counts.Add(counts);
        }
    }

    private static long GetNumber(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMinute;

    private sealed class Minute(long number)
    {
        public long Number => number;

        public TrafficCounts Counts { get; } = new();
    }

    /// <summary>A part of the time that a report covers.</summary>
    /// <param name="From">When it begins.</param>
    /// <param name="Counts">What has happened in it.</param>
    internal sealed record Step(DateTimeOffset From, TrafficCounts Counts);
}
