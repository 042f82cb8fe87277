namespace KestrelTlsUpgrade.FunctionalTests.Fleet;

/// <summary>A request of the fleet that has ended.</summary>
/// <param name="Caller">Whose it was.</param>
/// <param name="Path">What it was for.</param>
/// <param name="IsKept">Whether it could go over a connection that the caller had kept.</param>
/// <param name="Begun">When it began.</param>
/// <param name="Ended">When it ended.</param>
/// <param name="Outcome">What became of it.</param>
internal sealed record FleetRequest(FleetCaller Caller, string Path, bool IsKept, FleetMoment Begun, FleetMoment Ended, CallOutcome Outcome)
{
    /// <summary>The only step that it was under; <see langword="null"/> if there was more than one, or none.</summary>
    public FleetStep? Step => Begun.Step == Ended.Step ? Begun.Step : null;

    /// <summary>The steps that it was under.</summary>
    public IEnumerable<FleetStep> Steps => new[] { Begun.From, Begun.To, Ended.From, Ended.To }.OfType<FleetStep>().Distinct();
}
