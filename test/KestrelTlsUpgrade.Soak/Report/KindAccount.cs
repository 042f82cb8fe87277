namespace KestrelTlsUpgrade.Soak.Report;

/// <summary>The requests of a kind. A time includes the opening of the connection where the request needed a new one.</summary>
internal sealed class KindAccount
{
    private readonly List<float> _milliseconds = [];
    private int _failures;

    public void AddResponse(TimeSpan time)
    {
        lock (_milliseconds)
        {
            _milliseconds.Add((float)time.TotalMilliseconds);
        }
    }

    public void AddFailure() => Interlocked.Increment(ref _failures);

    public KindReport ToReport(string kind)
    {
        lock (_milliseconds)
        {
            var sorted = _milliseconds.Order().ToArray();
            return new KindReport(kind, sorted.Length + _failures, _failures, At(sorted, 0.5), At(sorted, 0.99), At(sorted, 1));
        }
    }

    private static double At(float[] sorted, double share) =>
        sorted.Length == 0 ? 0 : Math.Round(sorted[Math.Min((int)(sorted.Length * share), sorted.Length - 1)], 2);
}
