namespace KestrelTlsUpgrade.FunctionalTests.Combinations;

/// <summary>Counts how often something ran.</summary>
internal sealed class Counter
{
    public int Value { get; set; }
}
