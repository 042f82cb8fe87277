namespace KestrelTlsUpgrade.Internal.Telemetry;

/// <summary>Where TLS began on a connection.</summary>
internal enum TlsStart
{
    /// <summary>Nowhere.</summary>
    None,

    /// <summary>Behind the 101 to the first request.</summary>
    FirstRequest,

    /// <summary>Behind the 101 to a later request, or to one that went through Kestrel's HTTP.</summary>
    LaterRequest,

    /// <summary>With the first byte.</summary>
    FirstByte,
}
