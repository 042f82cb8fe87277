using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace KestrelTlsUpgrade.Tunnel;

/// <summary>Describes a tunnel request: the caller and the destination.</summary>
public sealed class ConnectTunnelAuthorizationContext
{
    internal ConnectTunnelAuthorizationContext(string host, int port, IServiceProvider services)
    {
        Host = host;
        Port = port;
        Services = services;
    }

    /// <summary>The caller's address.</summary>
    /// <value>An <see cref="IPEndPoint"/> on TCP. An IPv4-mapped IPv6 address is an IPv4 address here.</value>
    public EndPoint? Caller { get; internal init; }

    /// <summary>The caller's certificate, if the connection to the proxy uses TLS and the caller presented one.</summary>
    public X509Certificate2? ClientCertificate { get; internal init; }

    /// <summary>The value of the Proxy-Authorization field (RFC 9110 section 11.7.2), such as <c>Basic dTpw</c>.</summary>
    public string? ProxyAuthorization { get; internal init; }

    /// <summary>The host that the caller wants to reach.</summary>
    /// <value>A name in lower case, an IPv4 address, or an IPv6 address without brackets.</value>
    public string Host { get; }

    /// <summary>The port that the caller wants to reach.</summary>
    public int Port { get; }

    /// <summary>The application's services.</summary>
    public IServiceProvider Services { get; }

    /// <summary>Canceled when the connection is aborted or the server stops.</summary>
    public CancellationToken CancellationToken { get; internal init; }
}
