namespace KestrelTlsUpgrade.Tool.Probing.Results;

/// <summary>What came of asking for an upgrade.</summary>
internal enum UpgradeOutcome
{
    /// <summary>A 101, a TLS handshake, and the answer to the request inside TLS.</summary>
    Upgraded,

    /// <summary>An answer in clear text.</summary>
    Refused,

    /// <summary>A 101, and then no answer inside TLS.</summary>
    Broken,

    /// <summary>No answer at all.</summary>
    Failed,
}
