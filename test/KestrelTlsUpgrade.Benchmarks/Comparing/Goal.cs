using System.Globalization;

namespace KestrelTlsUpgrade.Benchmarks.Comparing;

/// <summary>What the medians are to be, ours : other.</summary>
internal sealed record Goal(double? MinThroughput = null, double? MaxProcessor = null, double? MaxMemory = null)
{
    public override string ToString() => string.Join(", ", Parts());

    private IEnumerable<string> Parts()
    {
        if (MinThroughput is { } throughput)
        {
            yield return Format($"throughput ≥ {throughput}");
        }

        if (MaxProcessor is { } processor)
        {
            yield return Format($"CPU ≤ {processor}");
        }

        if (MaxMemory is { } memory)
        {
            yield return Format($"≤ {memory}");
        }
    }

    private static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
