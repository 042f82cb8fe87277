namespace KestrelTlsUpgrade.Benchmarks.Comparing;

/// <summary>One side's turn in a round, in bytes for each connection of private memory that was written to.</summary>
/// <param name="Resident">As the server is after it has accepted all, with what its collector has not yet looked for.</param>
/// <param name="Held">After its collector was asked.</param>
internal readonly record struct MemoryMeasurement(double Resident, double Held);
