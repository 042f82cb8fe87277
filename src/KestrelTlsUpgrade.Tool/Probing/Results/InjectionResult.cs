namespace KestrelTlsUpgrade.Tool.Probing.Results;

/// <summary>What became of a harmless request in clear text behind the upgrade request.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="Error">How the connection ended, or why it is unclear.</param>
internal sealed record InjectionResult(InjectionOutcome Outcome, string? Error = null);

/// <summary>What became of a request in clear text behind the upgrade request.</summary>
internal enum InjectionOutcome
{
    /// <summary>The connection ended without an answer to it.</summary>
    Refused,

    /// <summary>It was thrown away, and the connection went on.</summary>
    Dropped,

    /// <summary>It was answered, as if it had come over TLS: anybody on the path can put requests there.</summary>
    Executed,

    /// <summary>It did not come to an upgrade, or what came cannot be told apart.</summary>
    Unclear,
}
