namespace KestrelTlsUpgrade.Internal.Tls.Hellos;

/// <summary>How far the first message of a TLS connection has come.</summary>
internal enum ClientHelloProgress
{
    /// <summary>More octets are needed.</summary>
    Incomplete,

    /// <summary>The ClientHello is there.</summary>
    Complete,

    /// <summary>What came is not TLS.</summary>
    NotTls,

    /// <summary>The client began with an alert.</summary>
    Alert,

    /// <summary>It is TLS, but not a ClientHello that can be read whole.</summary>
    Unreadable,
}
