namespace KestrelTlsUpgrade.Internal.Settings;

/// <summary>Lets endpoints that fail for the same reason log it once: one bad file can be that of hundreds of them.</summary>
internal sealed class SharedFailures(TimeProvider timeProvider)
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, (object Owner, long At)> _failures = [];

    /// <summary>Whether this endpoint is to log the failure: no other one has within the last minute.</summary>
    public bool TryClaim(string failure, object owner)
    {
        foreach (var old in _failures.Where(pair => timeProvider.GetElapsedTime(pair.Value.At) >= Period).Select(static pair => pair.Key).ToArray())
        {
            _failures.Remove(old);
        }

        if (_failures.TryGetValue(failure, out var claimed) && claimed.Owner != owner)
        {
            return false;
        }

        _failures[failure] = (owner, timeProvider.GetTimestamp());
        return true;
    }
}
