namespace KestrelTlsUpgrade.Faults.Tests.Link;

/// <summary>One fault of a run.</summary>
/// <param name="Kind">What happens.</param>
/// <param name="Connection">To which connection of the run, in the order in which they are opened.</param>
/// <param name="Direction">To which direction of it.</param>
/// <param name="Offset">How many bytes pass before it.</param>
internal sealed record Fault(FaultKind Kind, int Connection, Direction Direction, int Offset)
{
    /// <summary>Whether everything arrives all the same.</summary>
    public bool IsHarmless => Kind is FaultKind.Split or FaultKind.Delay or FaultKind.Reorder;
}
