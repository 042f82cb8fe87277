namespace KestrelTlsUpgrade.Connections.Sections;

/// <summary>A part of the configuration that could not be read.</summary>
/// <param name="Name">The part, as the subject of a sentence.</param>
/// <param name="Reason">The rest of the sentence.</param>
internal sealed record UnreadConfiguration(string Name, string Reason)
{
    public override string ToString() => $"{Name} {Reason}";
}
