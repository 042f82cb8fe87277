namespace KestrelTlsUpgrade.Connections.Hosting;

/// <summary>Whether the application wants a package on this endpoint in particular.</summary>
internal enum CallScope
{
    /// <summary>No: the call is for all endpoints, and skips those that it is not for.</summary>
    AllEndpoints,

    /// <summary>
    /// Perhaps: the call was made for this endpoint, or in the application's own endpoint defaults, which a host-wide call tells it to do.
    /// </summary>
    Uncertain,

    /// <summary>Yes: it must not be skipped silently.</summary>
    ThisEndpoint,
}
