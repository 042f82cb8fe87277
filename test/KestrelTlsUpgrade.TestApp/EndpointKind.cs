namespace KestrelTlsUpgrade.TestApp;

/// <summary>An endpoint of some kind, and how to ask for it.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Target">Its path and query.</param>
public sealed record EndpointKind(string Name, string Target)
{
    public string Method { get; init; } = "GET";

    public bool IsRequired { get; init; } = true;

    /// <summary>Whether it is served over HTTP/2 only.</summary>
    public bool IsGrpc { get; init; }

    /// <summary>What its content has in it when the framework itself is the handler; otherwise the handler counts its calls.</summary>
    public string? Answer { get; init; }

    public override string ToString() => Name;
}
