namespace KestrelTlsUpgrade.FunctionalTests.Attacks;

/// <summary>A client of https that nobody here wrote, on its way to https://localhost:PORT/victim.</summary>
/// <param name="Name">What it is, as in the table.</param>
/// <param name="Program">The program it needs.</param>
/// <param name="GetAsync">Makes the request, and returns all that it got to see, header fields included where it has a way.</param>
internal sealed record Victim(string Name, string? Program, Func<int, Task<string>> GetAsync)
{
    /// <summary>Whether nobody outside of it gets to see what it received, so that the server has to say whether it sent anything.</summary>
    public bool IsOpaque { get; init; }

    public override string ToString() => Name;
}
