namespace KestrelTlsUpgrade.Internal.Certificates.SharedNames;

/// <summary>Remembers what the previous check logged.</summary>
internal sealed class ReportedOutcomes
{
    private Dictionary<string, string> _before = [];
    private Dictionary<string, string> _now = [];

    /// <summary>Begins a check. Forgets subjects that the previous check did not see.</summary>
    public void Begin() => (_before, _now) = (_now, []);

    /// <summary>Whether the outcome differs from that of the previous check.</summary>
    public bool IsNew(string subject, string outcome)
    {
        _now[subject] = outcome;
        return _before.GetValueOrDefault(subject) != outcome;
    }
}
