namespace KestrelTlsUpgrade.Benchmarks.Loads;

/// <summary>How much was done in what time.</summary>
internal readonly record struct LoadResult(double Count, TimeSpan Elapsed);
