namespace KestrelTlsUpgrade.Conformance;

/// <summary>How a test ended, from good to bad.</summary>
internal enum TestStatus
{
    /// <summary>As it should.</summary>
    Passed,

    /// <summary>A program that it needs is absent.</summary>
    Skipped,

    /// <summary>In any other way.</summary>
    Failed,
}
