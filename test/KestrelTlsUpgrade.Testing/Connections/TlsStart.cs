namespace KestrelTlsUpgrade.Testing;

/// <summary>The ways by which a connection to an upgrade endpoint comes to TLS.</summary>
public enum TlsStart
{
    FirstRequest,
    LaterRequest,
    Direct,
}
