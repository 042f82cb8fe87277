using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace KestrelTlsUpgrade.Client;

/// <summary>
/// How the connection was secured that a response came over. TLS over <c>http://</c> does not make the origin an https
/// origin: it says that nobody on the path has read or changed the exchange (RFC 8164 section 4.1).
/// </summary>
public sealed class TlsUpgradeInfo
{
    internal static readonly TlsUpgradeInfo None = new();

    internal TlsUpgradeInfo()
    {
    }

    /// <summary>Whether the request was sent and answered on a connection that was upgraded to TLS.</summary>
    /// <value>
    /// <see langword="false"/> in clear text, and for <c>https://</c>, which starts with TLS. The other properties then have no value.
    /// </value>
    public bool IsUpgraded { get; internal init; }

    /// <summary>The upgrade token of the server's <c>101</c>, such as <c>TLS/1.2</c>. It names a family, not the version.</summary>
    public string? Token { get; internal init; }

    /// <summary>The TLS version that the handshake settled on.</summary>
    public SslProtocols Protocol { get; internal init; }

    /// <summary>The cipher suite that the handshake settled on.</summary>
    public TlsCipherSuite? CipherSuite { get; internal init; }

    /// <summary>The server's certificate. It belongs to the connection and must not be disposed.</summary>
    public X509Certificate2? ServerCertificate { get; internal init; }

    /// <summary>
    /// Whether the server confirmed the request that asked for the upgrade: it selected the ALPN protocol id that is bound to that
    /// request, so the request that it got in clear text is the one that this client wrote.
    /// </summary>
    /// <value>
    /// <see langword="false"/> says nothing against a server: those that do not know the id never select it. The client protects
    /// its requests by itself in either case.
    /// </value>
    public bool IsRequestConfirmed { get; internal init; }

    /// <summary>Whether the connection goes through a tunnel of a proxy (RFC 2817 section 5).</summary>
    public bool IsTunnelled { get; internal init; }
}
