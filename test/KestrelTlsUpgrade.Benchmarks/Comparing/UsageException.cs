namespace KestrelTlsUpgrade.Benchmarks.Comparing;

/// <summary>The command line says what there is not.</summary>
internal sealed class UsageException(string message) : Exception(message);
