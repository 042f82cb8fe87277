namespace KestrelTlsUpgrade.FunctionalTests.Fleet;

/// <summary>A moment of the migration.</summary>
/// <param name="From">The last step that was taken; <see langword="null"/> without the product.</param>
/// <param name="To">The step that is being taken, or the same again.</param>
internal sealed record FleetMoment(FleetStep? From, FleetStep? To)
{
    /// <summary>The step, unless another one is being taken.</summary>
    public FleetStep? Step => From == To ? To : null;

    public static FleetMoment At(FleetStep? step) => new(step, step);

    public override string ToString() => From == To ? $"{To}" : $"{From} -> {To}";
}
