using System.Text.Json.Serialization;

namespace KestrelTlsUpgrade.Benchmarks.Comparing;

/// <summary>How a <see cref="MemoryComparison"/> came out.</summary>
internal sealed record MemoryResults(
    string Name, int Connections, Goal? Goal, IReadOnlyList<MemoryMeasurement> Ours, IReadOnlyList<MemoryMeasurement> Other)
{
    private const double Bound = 5;

    public Ratio? Resident { get; } = Ratio.Of(Ours.Select(static turn => turn.Resident), Other.Select(static turn => turn.Resident));

    public Ratio? Held { get; } = Ratio.Of(Ours.Select(static turn => turn.Held), Other.Select(static turn => turn.Held));

    /// <summary>
    /// Whether the median is what it is to be, or <see langword="null"/> where there is no goal. What garbage there happens to be
    /// does not count.
    /// </summary>
    public bool? IsGoalMet => Goal is null ? null : Held?.Median <= Goal.MaxMemory;

    /// <summary>Whether anything was measured that can be true.</summary>
    [JsonIgnore]
    public bool IsSane => Held?.IsWithin(Bound) is true;
}
