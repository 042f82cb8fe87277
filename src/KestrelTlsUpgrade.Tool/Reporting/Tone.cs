namespace KestrelTlsUpgrade.Tool.Reporting;

/// <summary>Whether an outcome is good or bad. Selects its colour; the text says it as well.</summary>
internal enum Tone
{
    Neutral,
    Good,
    Bad,
    Warning,
}
