namespace KestrelTlsUpgrade.Benchmarks.Comparing;

/// <summary>A comparison of what servers, or clients, can do.</summary>
internal sealed record LoadComparison(string Name, Side Ours, Side Other)
{
    public Goal? Goal { get; init; }

    /// <summary>Whether it is measured at several numbers of connections.</summary>
    public bool Grows { get; init; }

    /// <summary>Whether the client is what differs, so that its processor time counts.</summary>
    public bool IsOfClients { get; init; }

    /// <summary>Whether it runs what another one does, in another way, so that a quick run is complete without it.</summary>
    public bool IsVariant { get; init; }

    /// <summary>How far from 1 the ratios may be in a quick run, as a factor: other servers may well be far off.</summary>
    public double Bound { get; init; } = 5;
}
