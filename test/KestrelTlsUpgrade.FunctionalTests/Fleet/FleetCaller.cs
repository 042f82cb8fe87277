namespace KestrelTlsUpgrade.FunctionalTests.Fleet;

/// <summary>A kind of caller.</summary>
/// <param name="Name">What it is, for the table.</param>
/// <param name="Product">What its User-Agent names first; empty if it sends none.</param>
/// <param name="Paths">What it asks for.</param>
/// <param name="Ask">
/// Asks for one of them, on a new connection or, where the caller keeps some, on one that it has kept. Returns what became of the request.
/// </param>
internal sealed record FleetCaller(string Name, string Product, string[] Paths, Func<string, bool, Task<CallOutcome>> Ask)
{
    /// <summary>Whether it offers an upgrade with each request.</summary>
    public bool OffersAlways { get; init; }

    /// <summary>Whether TLS cannot work for it: each upgrade fails.</summary>
    public bool FailsOverTls { get; init; }

    /// <summary>Whether it upgrades once the server has refused a request or has advertised the upgrade.</summary>
    public bool UpgradesOnDemand { get; init; }

    /// <summary>Whether it offers with <c>OPTIONS *</c>, which does not name the application.</summary>
    public bool OffersUnnamed { get; init; }

    /// <summary>Whether it keeps connections, and can use more than one at once.</summary>
    public bool KeepsConnections { get; init; }

    public override string ToString() => Name;
}
