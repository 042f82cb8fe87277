namespace KestrelTlsUpgrade.Faults.Tests.Link;

/// <summary>One fault of a run.</summary>
/// <param name="Kind">What happens.</param>
/// <param name="Connection">To which connection of the run, in the order in which they are opened.</param>
/// <param name="Direction">To which direction of it.</param>
/// <param name="Offset">How many bytes pass before it.</param>
/// <param name="IsFatal">Whether there is no way to success after it.</param>
internal sealed record Fault(FaultKind Kind, int Connection, Direction Direction, int Offset, bool IsFatal = false)
{
    /// <summary>Whether somebody may then have to wait for what never comes: that a record of TLS is as long as it seems, say.</summary>
    public bool NeedsTimeout => Kind is FaultKind.Stall or FaultKind.Insert;

    /// <summary>Whether everything arrives all the same.</summary>
    public bool IsHarmless => Kind is FaultKind.Split or FaultKind.Delay or FaultKind.Reorder;
}
