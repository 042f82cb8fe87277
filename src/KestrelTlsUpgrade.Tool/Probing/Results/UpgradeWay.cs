namespace KestrelTlsUpgrade.Tool.Probing.Results;

/// <summary>Where on a connection an upgrade is asked for, and with what.</summary>
internal enum UpgradeWay
{
    /// <summary>A request for a resource, the first of a connection.</summary>
    FirstRequest,

    /// <summary><c>OPTIONS *</c>, the first of a connection (RFC 2817 section 3.2).</summary>
    FirstOptions,

    /// <summary>A request for a resource, behind another one in clear text.</summary>
    LaterRequest,
}
