namespace KestrelTlsUpgrade.Soak.Report;

/// <summary>The requests of a kind of connection; times in milliseconds.</summary>
internal sealed record KindReport(string Kind, int Requests, int Failures, double P50, double P99, double Max);
