namespace KestrelTlsUpgrade.Report.Internal.Collecting;

/// <summary>The identity of a caller.</summary>
/// <param name="Product">What the client calls itself; empty if nothing.</param>
/// <param name="Network">Where it calls from.</param>
internal readonly record struct CallerKey(string Product, NetworkPrefix Network);
