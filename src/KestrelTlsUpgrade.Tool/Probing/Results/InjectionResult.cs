namespace KestrelTlsUpgrade.Tool.Probing.Results;

/// <summary>What happened to a harmless plaintext request behind the upgrade request.</summary>
/// <param name="Outcome">The outcome.</param>
/// <param name="Request">The upgrade request.</param>
/// <param name="Error">How the connection ended, or why it is unclear.</param>
internal sealed record InjectionResult(InjectionOutcome Outcome, string Request, string? Error = null);

/// <summary>What happened to a plaintext request behind the upgrade request, from the best to the worst.</summary>
internal enum InjectionOutcome
{
    /// <summary>The connection ended before anything was answered.</summary>
    Refused,

    /// <summary>It was discarded, and the connection continued.</summary>
    Dropped,

    /// <summary>The upgrade was not reached, or what was answered cannot be known.</summary>
    Unclear,

    /// <summary>It was answered as if it had been sent inside TLS: anyone on the path can inject requests there.</summary>
    Executed,
}
