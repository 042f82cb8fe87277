namespace KestrelTlsUpgrade.Benchmarks.Comparing;

/// <summary>One side's turn in a round.</summary>
/// <param name="PerSecond">Operations.</param>
/// <param name="ServerProcessor">Processor seconds of the server's processes for 1,000 operations.</param>
/// <param name="ClientProcessor">Processor seconds of this process for 1,000 operations.</param>
/// <param name="PeakMemory">The most memory that the server's processes had, in bytes.</param>
internal readonly record struct Measurement(double PerSecond, double ServerProcessor, double ClientProcessor, long PeakMemory);
