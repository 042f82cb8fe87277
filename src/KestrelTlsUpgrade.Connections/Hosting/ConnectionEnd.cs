namespace KestrelTlsUpgrade.Connections.Hosting;

/// <summary>Where an endpoint's connections go after all connection middleware.</summary>
internal enum ConnectionEnd
{
    /// <summary>To Kestrel's HTTP.</summary>
    Http,

    /// <summary>To a handler of another protocol.</summary>
    Other,

    /// <summary>It cannot be seen before there is a connection.</summary>
    Unknown,
}
