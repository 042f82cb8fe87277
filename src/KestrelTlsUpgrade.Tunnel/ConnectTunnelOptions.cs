using System.Net;
using System.Net.Security;

namespace KestrelTlsUpgrade.Tunnel;

/// <summary>
/// Settings of a proxy that opens tunnels with CONNECT (RFC 9110 section 9.3.6). Left alone they let callers on the same machine
/// reach ports 80 and 443 of public addresses, and nobody anything else.
/// </summary>
public sealed class ConnectTunnelOptions
{
    /// <summary>Whether CONNECT is answered here. Otherwise it goes on to Kestrel like any request.</summary>
    /// <value>Defaults to <see langword="true"/>.</value>
    public bool Enabled { get; set; } = true;

    /// <summary>The ports that tunnels may lead to (RFC 2817 section 8.2).</summary>
    /// <value>Each from 1 to 65535. Defaults to 80 and 443. Without any, every tunnel is refused.</value>
    public IList<int> AllowedPorts { get; } = [80, 443];

    /// <summary>
    /// Networks that tunnels may lead to although their addresses are not public: loopback, private, shared, link-local, the
    /// metadata service of a cloud, the addresses of this machine, or forms of IPv6 that lead to such. Where this process listens
    /// itself is reached by <see cref="AllowedOwnPorts"/> only, and the tunnel's own endpoint never: it would lead to itself.
    /// </summary>
    /// <value>Defaults to none. An IPv4-mapped IPv6 address counts as the IPv4 address.</value>
    public IList<IPNetwork> AllowedNetworks { get; } = [];

    /// <summary>
    /// Ports on which this process listens itself, and that tunnels may lead to nevertheless. <see cref="AllowedPorts"/> and
    /// <see cref="AllowedNetworks"/> have to allow them too.
    /// </summary>
    /// <value>
    /// Each from 1 to 65535. Defaults to none: a request that comes through a tunnel comes from this machine, past what a proxy or
    /// a firewall keeps away from the process. On Linux that counts for everything that listens in the process, a quarter of a
    /// second after it has begun to; on other systems for the endpoints of the tunnel's host. A port that is forwarded to the
    /// process under another address, as by NAT, cannot be told, nor where a name leads behind <see cref="UpstreamProxy"/>.
    /// </value>
    public IList<int> AllowedOwnPorts { get; } = [];

    /// <summary>
    /// Decides who may open a tunnel to where. It is asked about every caller, those on the same machine included, before
    /// the name is resolved; where the tunnel may lead is still subject to <see cref="AllowedPorts"/> and
    /// <see cref="AllowedNetworks"/>.
    /// </summary>
    /// <value>
    /// Defaults to <see langword="null"/>: only callers with a loopback address or a Unix domain socket may. An exception
    /// counts as <see cref="ConnectTunnelAuthorizationResult.Deny"/>.
    /// </value>
    public Func<ConnectTunnelAuthorizationContext, ValueTask<ConnectTunnelAuthorizationResult>>? Authorize { get; set; }

    /// <summary>
    /// The name of a policy of ASP.NET Core authorization that decides who may open a tunnel, in the place of
    /// <see cref="Authorize"/>. Its authentication schemes see a request with the method CONNECT, the connection's client
    /// certificate, and the credentials of Proxy-Authorization also as Authorization. The resource is a
    /// <see cref="ConnectTunnelAuthorizationContext"/>.
    /// </summary>
    /// <value>Defaults to <see langword="null"/>. A policy that does not exist makes the server fail to start.</value>
    public string? AuthorizationPolicy { get; set; }

    /// <summary>
    /// The challenge that a caller gets whom <see cref="AuthorizationPolicy"/> does not know, for the field Proxy-Authenticate of
    /// a 407, such as <c>Basic realm="proxy"</c>.
    /// </summary>
    /// <value>Defaults to <see langword="null"/>: such a caller gets 403.</value>
    public string? ProxyChallenge { get; set; }

    /// <summary>How many tunnels there may be at a time on the endpoint, those that are being opened included.</summary>
    /// <value>Defaults to 10,000. More are answered with 503.</value>
    public int MaxTunnels { get; set; } = 10_000;

    /// <summary>How many of them one caller's address may have. An IPv6 caller counts with its /64 network.</summary>
    /// <value>Defaults to 256. More are answered with 503. Callers on a Unix domain socket count as one.</value>
    public int MaxTunnelsPerCaller { get; set; } = 256;

    /// <summary>How long opening a tunnel may take, from the name to the connected destination, or the next proxy's answer.</summary>
    /// <value>Defaults to 15 seconds. Then the answer is 504.</value>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a tunnel may go without a byte either way.</summary>
    /// <value>Defaults to 10 minutes, measured to about a second. <see cref="Timeout.InfiniteTimeSpan"/> is for ever.</value>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// How long a tunnel may go without a byte once the caller has ended its side, and how long the caller may take to fetch the
    /// last bytes of a tunnel, or a rejection, that is over.
    /// </summary>
    /// <value>Defaults to 30 seconds, measured to about a second.</value>
    public TimeSpan LingerTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The proxy that tunnels are opened through (RFC 2817 section 5.2). It is asked for names as they are, without resolving
    /// them here: what they may lead to is then its own affair, but for addresses, and for names of loopback.
    /// </summary>
    /// <value>
    /// <c>http://proxy:port</c> or <c>https://proxy:port</c>, with credentials for Basic authentication (RFC 7617) where it has
    /// user information. Defaults to <see langword="null"/>: destinations are reached from here.
    /// </value>
    public Uri? UpstreamProxy { get; set; }

    /// <summary>The TLS settings towards an <c>https://</c> <see cref="UpstreamProxy"/>.</summary>
    /// <value>Defaults to <see langword="null"/>: the platform's. The name that is validated is the proxy's unless it is set.</value>
    public SslClientAuthenticationOptions? UpstreamProxySsl { get; set; }

    /// <summary>
    /// Whether the caller's Proxy-Authorization is passed on to the <see cref="UpstreamProxy"/> (RFC 9110 section 11.7.2).
    /// </summary>
    /// <value>Defaults to <see langword="false"/>: credentials end here.</value>
    public bool ForwardProxyAuthorization { get; set; }
}
