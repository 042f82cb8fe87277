namespace KestrelTlsUpgrade.Report.Internal.Collecting;

/// <summary>A count, and when it last grew, to the second. Thread-safe.</summary>
internal struct Tally
{
    private long _count;
    private long _last;

    /// <summary>The last second before <see cref="_last"/> in which the count grew.</summary>
    private long _before;

    /// <summary>By how much it grew in that second.</summary>
    private long _inLast;

    /// <param name="count">The count so far.</param>
    /// <param name="last">The second in which it last grew.</param>
    public Tally(long count, long last) => (_count, _last) = (count, last);

    /// <summary>Never negative: what is taken back may have been counted for one whose place another has taken.</summary>
    public long Count => Math.Max(0, Interlocked.Read(ref _count));

    /// <summary>When the count last grew; the beginning of 1970 if it never did.</summary>
    public DateTimeOffset Last => DateTimeOffset.FromUnixTimeSeconds(Interlocked.Read(ref _last));

    /// <summary>Writes the second only if it is another, because concurrent requests share the field. A clock that was set back is right.</summary>
    public void Add(DateTimeOffset now)
    {
        Interlocked.Increment(ref _count);
        var second = now.ToUnixTimeSeconds();
        if (Interlocked.Read(ref _last) != second)
        {
            Interlocked.Exchange(ref _before, Interlocked.Exchange(ref _last, second));
            Interlocked.Exchange(ref _inLast, 0);
        }

        Interlocked.Increment(ref _inLast);
    }

    /// <summary>Takes back what was added a moment ago. A second in which nothing is left is forgotten.</summary>
    public void TakeBack()
    {
        Interlocked.Decrement(ref _count);
        if (Interlocked.Decrement(ref _inLast) == 0)
        {
            Interlocked.Exchange(ref _last, Interlocked.Read(ref _before));
        }
    }
}
