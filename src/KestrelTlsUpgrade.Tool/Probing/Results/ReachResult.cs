namespace KestrelTlsUpgrade.Tool.Probing.Results;

/// <summary>Whether the server can be connected to.</summary>
/// <param name="IsReachable">Whether a connection was made.</param>
/// <param name="Address">The address and port that it was made to.</param>
/// <param name="Error">Why none was made.</param>
internal sealed record ReachResult(bool IsReachable, string? Address = null, string? Error = null);
