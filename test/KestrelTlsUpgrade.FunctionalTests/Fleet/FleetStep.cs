namespace KestrelTlsUpgrade.FunctionalTests.Fleet;

/// <summary>A step of the guide.</summary>
/// <param name="Name">What it is called in the table.</param>
/// <param name="Offers">The setting.</param>
/// <param name="Requirement">The setting.</param>
/// <param name="IsEverywhere">Whether the application requires TLS for everything.</param>
internal sealed record FleetStep(string Name, TlsUpgradeOffers Offers, TlsUpgradeRequirement Requirement, bool IsEverywhere = false)
{
    public static FleetStep LookOn { get; } = new("1. look on", TlsUpgradeOffers.None, TlsUpgradeRequirement.ReportOnly);

    public static FleetStep WhereRequired { get; } = new("2. `WhereRequired`", TlsUpgradeOffers.WhereRequired, TlsUpgradeRequirement.ReportOnly);

    public static FleetStep Enforce { get; } = new("3. `Enforce`", TlsUpgradeOffers.WhereRequired, TlsUpgradeRequirement.Enforce);

    public static FleetStep All { get; } = new("4. `All`", TlsUpgradeOffers.All, TlsUpgradeRequirement.Enforce);

    public static FleetStep Everywhere { get; } = new("5. everywhere", TlsUpgradeOffers.All, TlsUpgradeRequirement.Enforce, IsEverywhere: true);

    /// <summary>In the order of the guide.</summary>
    public static FleetStep[] InOrder { get; } = [LookOn, WhereRequired, Enforce, All, Everywhere];

    public bool Requires(string path) => IsEverywhere || (Requirement is TlsUpgradeRequirement.Enforce && FleetApplication.Required.Contains(path));

    public override string ToString() => Name;
}
