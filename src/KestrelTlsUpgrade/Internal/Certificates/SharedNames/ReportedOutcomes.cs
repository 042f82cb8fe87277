namespace KestrelTlsUpgrade.Internal.Certificates.SharedNames;

/// <summary>Remembers from one look to the next what has been logged.</summary>
internal sealed class ReportedOutcomes
{
    private Dictionary<string, string> _before = [];
    private Dictionary<string, string> _now = [];

    /// <summary>Begins a look. What the one before did not come across is forgotten.</summary>
    public void Begin() => (_before, _now) = (_now, []);

    /// <summary>Whether the outcome is another one than last time.</summary>
    public bool IsNew(string subject, string outcome)
    {
        _now[subject] = outcome;
        return _before.GetValueOrDefault(subject) != outcome;
    }
}
