namespace KestrelTlsUpgrade.Report.Internal.Collecting;

/// <summary>The failed upgrades of a caller: one row for each cause, with what is known of the last one. Thread-safe.</summary>
internal sealed class CallerFailures
{
    private readonly Lock _lock = new();
    private readonly List<CallerFailure> _rows = [];

    /// <summary>The rows, the most frequent first.</summary>
    public CallerFailure[] Read()
    {
        lock (_lock)
        {
            return [.. _rows.OrderByDescending(static row => row.Count).ThenBy(static row => row.Cause)];
        }
    }

    /// <summary>Adds failures to those of the same cause, and replaces what is known of them.</summary>
    public void Add(CallerFailure failure)
    {
        lock (_lock)
        {
            var index = _rows.FindIndex(row => row.Cause == failure.Cause);
            if (index < 0)
            {
                _rows.Add(failure);
            }
            else
            {
                _rows[index] = failure with { Count = _rows[index].Count + failure.Count };
            }
        }
    }
}
