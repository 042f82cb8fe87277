namespace KestrelTlsUpgrade.Internal.Telemetry;

/// <summary>Where TLS started on a connection.</summary>
internal enum TlsStart
{
    /// <summary>TLS did not start.</summary>
    None,

    /// <summary>After the 101 to the first request.</summary>
    FirstRequest,

    /// <summary>After the 101 to a later request, or to a first request that Kestrel's HTTP handled.</summary>
    LaterRequest,

    /// <summary>At the first byte.</summary>
    FirstByte,
}
