using System.Text.Json.Serialization;

namespace KestrelTlsUpgrade.Benchmarks.Comparing;

/// <summary>How a <see cref="LoadComparison"/> came out.</summary>
internal sealed record LoadResults(
    string Name,
    int Connections,
    string Unit,
    int OurRoundTrips,
    int OtherRoundTrips,
    bool IsOfClients,
    Goal? Goal,
    [property: JsonIgnore] double Bound,
    IReadOnlyList<Measurement> Ours,
    IReadOnlyList<Measurement> Other)
{
    /// <summary>Processor time is counted in hundredths of a second, and a thread pool that waits spends some: in a short round that is much.</summary>
    private const double ProcessorAllowance = 5;

    public Ratio? Throughput { get; } = Ratio.Of(Ours.Select(static turn => turn.PerSecond), Other.Select(static turn => turn.PerSecond));

    /// <summary>Of the server's processor time, or the client's where clients are compared.</summary>
    public Ratio? Processor { get; } = Ratio.Of(
        Ours.Select(turn => ProcessorOf(turn, IsOfClients)), Other.Select(turn => ProcessorOf(turn, IsOfClients)));

    public Ratio? PeakMemory { get; } =
        Ratio.Of(Ours.Select(static turn => (double)turn.PeakMemory), Other.Select(static turn => (double)turn.PeakMemory));

    /// <summary>Whether the medians are what they are to be, or <see langword="null"/> where there is no goal.</summary>
    public bool? IsGoalMet => Goal is null
        ? null
        : (Goal.MinThroughput is not { } min || Throughput?.Median >= min) && (Goal.MaxProcessor is not { } max || Processor?.Median <= max);

    /// <summary>Whether anything was measured that can be true.</summary>
    [JsonIgnore]
    public bool IsSane => Throughput?.IsWithin(Bound) is true && Processor?.IsWithin(ProcessorAllowance * Bound) is not false;

    public double MedianProcessor(IReadOnlyList<Measurement> turns) => Ratio.MedianOf(turns.Select(turn => ProcessorOf(turn, IsOfClients)));

    private static double ProcessorOf(Measurement turn, bool isOfClients) => isOfClients ? turn.ClientProcessor : turn.ServerProcessor;
}
