using KestrelTlsUpgrade.Benchmarks.Loads;
using KestrelTlsUpgrade.Benchmarks.Servers;

namespace KestrelTlsUpgrade.Benchmarks.Comparing;

/// <summary>A comparison of what idle connections hold of the server's memory.</summary>
internal sealed record MemoryComparison(
    string Name, (ServerKind Server, Opening Opening) Ours, (ServerKind Server, Opening Opening) Other, Goal Goal);
