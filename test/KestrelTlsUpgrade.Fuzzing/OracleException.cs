namespace KestrelTlsUpgrade.Fuzzing;

/// <summary>Something did not hold.</summary>
internal sealed class OracleException(string rule) : Exception(rule);
