namespace KestrelTlsUpgrade.Tool.Probing.Results;

/// <summary>What became of a harmless request in clear text behind the upgrade request.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="Error">How the connection ended, or why it is unclear.</param>
internal sealed record InjectionResult(InjectionOutcome Outcome, string? Error = null);
