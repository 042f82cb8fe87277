namespace KestrelTlsUpgrade.Internal.Tls.Hellos;

/// <summary>How much of the ClientHello has been received.</summary>
internal enum ClientHelloProgress
{
    /// <summary>More octets are needed.</summary>
    Incomplete,

    /// <summary>The ClientHello is complete.</summary>
    Complete,

    /// <summary>The data is not TLS.</summary>
    NotTls,

    /// <summary>The client sent an alert first.</summary>
    Alert,

    /// <summary>The data is TLS, but not a ClientHello that can be parsed.</summary>
    Unreadable,
}
