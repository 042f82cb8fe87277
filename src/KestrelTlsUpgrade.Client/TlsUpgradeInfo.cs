using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace KestrelTlsUpgrade.Client;

/// <summary>
/// How the connection of a response was secured. TLS over <c>http://</c> does not make the origin an https origin; it means that nobody on
/// the path has read or changed the exchange (RFC 8164 section 4.1).
/// </summary>
public sealed class TlsUpgradeInfo
{
    internal static readonly TlsUpgradeInfo None = new();

    internal TlsUpgradeInfo()
    {
    }

    /// <summary>Whether the request was sent and answered on a connection that was upgraded to TLS.</summary>
    /// <value>
    /// <see langword="false"/> in clear text, and for <c>https://</c>, which starts with TLS. The other properties have no value then.
    /// </value>
    public bool IsUpgraded { get; internal init; }

    /// <summary>
    /// The upgrade token of the server's <c>101</c>, such as <c>TLS/1.2</c>. It names the protocol family, not the negotiated version.
    /// </summary>
    public string? Token { get; internal init; }

    /// <summary>The TLS version of the connection.</summary>
    public SslProtocols Protocol { get; internal init; }

    /// <summary>The cipher suite of the connection.</summary>
    public TlsCipherSuite? CipherSuite { get; internal init; }

    /// <summary>The server's certificate. Owned by the connection; do not dispose it.</summary>
    public X509Certificate2? ServerCertificate { get; internal init; }

    /// <summary>
    /// Whether the server confirmed the upgrade request: it selected the ALPN protocol id that is bound to that request, so it received
    /// exactly what this client sent in clear text.
    /// </summary>
    /// <value>
    /// <see langword="false"/> is not a sign of an attack: servers that do not know the id never select it. The client protects its
    /// requests in either case.
    /// </value>
    public bool IsRequestConfirmed { get; internal init; }

    /// <summary>Whether the connection goes through a tunnel of a proxy (RFC 2817 section 5).</summary>
    public bool IsTunnelled { get; internal init; }
}
