namespace KestrelTlsUpgrade.Tool.Probing.Results;

/// <summary>Whether a connection to the server could be established.</summary>
/// <param name="IsReachable">Whether it was established.</param>
/// <param name="Address">The address and port of the connection.</param>
/// <param name="Error">Why it could not be established.</param>
internal sealed record ReachResult(bool IsReachable, string? Address = null, string? Error = null);
