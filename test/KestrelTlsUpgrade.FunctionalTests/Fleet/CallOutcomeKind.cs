namespace KestrelTlsUpgrade.FunctionalTests.Fleet;

/// <summary>What became of a request, in a word of the table.</summary>
public enum CallOutcomeKind
{
    /// <summary>Answered in clear text.</summary>
    Clear,

    /// <summary>Answered over TLS, after an upgrade.</summary>
    Upgraded,

    /// <summary>Answered over TLS from the first byte.</summary>
    Direct,

    /// <summary>Redirected to https, and answered there.</summary>
    Redirected,

    /// <summary>Refused, because it came in clear text.</summary>
    Refused,

    /// <summary>Not answered.</summary>
    Failed,
}
