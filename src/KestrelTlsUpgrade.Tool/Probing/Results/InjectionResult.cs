namespace KestrelTlsUpgrade.Tool.Probing.Results;

/// <summary>What happened to a harmless plaintext request behind the upgrade request.</summary>
/// <param name="Outcome">The outcome.</param>
/// <param name="Error">How the connection ended, or why it is unclear.</param>
internal sealed record InjectionResult(InjectionOutcome Outcome, string? Error = null);

/// <summary>What happened to a plaintext request behind the upgrade request.</summary>
internal enum InjectionOutcome
{
    /// <summary>The connection ended without answering it.</summary>
    Refused,

    /// <summary>It was discarded, and the connection continued.</summary>
    Dropped,

    /// <summary>It was answered as if it had been sent inside TLS: anyone on the path can inject requests there.</summary>
    Executed,

    /// <summary>The upgrade was not reached, or the answers are ambiguous.</summary>
    Unclear,
}
