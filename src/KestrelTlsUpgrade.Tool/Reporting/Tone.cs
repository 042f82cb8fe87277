namespace KestrelTlsUpgrade.Tool.Reporting;

/// <summary>How a word is meant, for its colour. The word says it too.</summary>
internal enum Tone
{
    Neutral,
    Good,
    Bad,
    Warning,
}
