using System.Globalization;

namespace KestrelTlsUpgrade.Benchmarks.Comparing;

/// <summary>Ours : other, round by round.</summary>
internal sealed record Ratio(double Median, double Lowest, double Highest)
{
    /// <summary>Returns <see langword="null"/> where something was too little to be measured.</summary>
    public static Ratio? Of(IEnumerable<double> ours, IEnumerable<double> other)
    {
        var ratios = ours.Zip(other, static (a, b) => a / b).Order().ToArray();
        return ratios.All(static ratio => double.IsFinite(ratio) && ratio > 0)
            ? new Ratio(MedianOf(ratios), ratios[0], ratios[^1])
            : null;
    }

    public static double MedianOf(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /// <summary>Whether any round came out so close to 1. A busy machine can spoil a short round, but not all.</summary>
    public bool IsWithin(double factor) => Lowest <= factor && Highest >= 1 / factor;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Median:F3} ({Lowest:F3} to {Highest:F3})");
}
