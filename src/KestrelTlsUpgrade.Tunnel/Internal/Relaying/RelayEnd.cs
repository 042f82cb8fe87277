namespace KestrelTlsUpgrade.Tunnel.Internal.Relaying;

/// <summary>How one direction of a tunnel ended.</summary>
internal enum RelayEnd
{
    /// <summary>The source came to its end, and all of it was handed on.</summary>
    Completed,

    /// <summary>The source broke off.</summary>
    SourceFailed,

    /// <summary>Nobody takes it any more.</summary>
    SinkFailed,

    /// <summary>The tunnel was ended.</summary>
    Stopped,
}
