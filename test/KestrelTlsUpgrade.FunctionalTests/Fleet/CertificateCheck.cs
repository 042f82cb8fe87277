namespace KestrelTlsUpgrade.FunctionalTests.Fleet;

/// <summary>How a client on the JVM checks the server's certificate.</summary>
public enum CertificateCheck
{
    /// <summary>It trusts the certificate, and checks the name during the handshake.</summary>
    Trusting,

    /// <summary>It does not trust the certificate.</summary>
    Distrusting,

    /// <summary>It trusts the certificate, and checks the name when the handshake is over.</summary>
    After,

    /// <summary>The same, half a second later: it asks somebody, or has been interrupted.</summary>
    LongAfter,
}
