namespace KestrelTlsUpgrade.Report.Internal.Collecting;

/// <summary>What is counted of a caller.</summary>
internal enum CallerFigure
{
    /// <summary>Requests that were answered in clear text, and neither offered an upgrade nor were a browser's navigation.</summary>
    Plain,

    /// <summary>Requests that offered an upgrade, and were answered in clear text.</summary>
    Offering,

    /// <summary>Navigations of a browser that could have been redirected to https, and were answered in clear text.</summary>
    Navigating,

    /// <summary>Requests that were redirected to https.</summary>
    Redirected,

    /// <summary>Requests that arrived in clear text and were answered over TLS.</summary>
    Upgraded,

    /// <summary>Further requests over upgraded connections.</summary>
    AfterUpgrade,

    /// <summary>Requests over TLS from the first byte.</summary>
    DirectTls,

    /// <summary>Upgrades that were accepted and failed.</summary>
    Failed,

    /// <summary>Those of the plain requests that were refused, because their resource requires TLS.</summary>
    PlainRefused,

    /// <summary>Connections that began with TLS, and that the endpoint's settings shut out.</summary>
    DirectShutOut,
}
