namespace KestrelTlsUpgrade.FunctionalTests.Configuration;

/// <summary>The ways in which certificate files are renewed.</summary>
public enum RenewalKind
{
    /// <summary>A new file takes the place of the old one, as most tools do it.</summary>
    AtomicRename,

    /// <summary>A link to a directory is turned to another one, as Kubernetes and certbot do it.</summary>
    SymbolicLink,

    /// <summary>The file is written over, with a moment when half of it is there.</summary>
    InPlace,

    /// <summary>The certificate first and its key later: in between they do not belong together.</summary>
    OneAfterTheOther,
}
