using System.Net;
using System.Net.Security;

namespace KestrelTlsUpgrade.Tunnel;

/// <summary>
/// Settings of a proxy that opens tunnels with CONNECT (RFC 9110 section 9.3.6). By default, callers on the same machine can reach ports 80
/// and 443 of public addresses, and nothing else is allowed.
/// </summary>
public sealed class ConnectTunnelOptions
{
    /// <summary>Whether the endpoint answers CONNECT. If not, Kestrel handles it like any other request.</summary>
    /// <value>Defaults to <see langword="true"/>.</value>
    public bool Enabled { get; set; } = true;

    /// <summary>The ports that tunnels may reach (RFC 2817 section 8.2).</summary>
    /// <value>Each from 1 to 65535. Defaults to 80 and 443. If empty, every tunnel is refused.</value>
    public IList<int> AllowedPorts { get; } = [80, 443];

    /// <summary>
    /// Networks that tunnels may reach although their addresses are not public: loopback, private, shared, link-local, a cloud's metadata
    /// service, this machine's own addresses, or IPv6 forms that lead to any of these. Ports on which this process itself listens also need
    /// <see cref="AllowedOwnPorts"/>. The tunnel's own endpoint is never reachable: the tunnel would loop.
    /// </summary>
    /// <value>Defaults to none. An IPv4-mapped IPv6 address is treated as the IPv4 address.</value>
    public IList<IPNetwork> AllowedNetworks { get; } = [];

    /// <summary>
    /// Ports on which this process itself listens and that tunnels may still reach. <see cref="AllowedPorts"/> and <see
    /// cref="AllowedNetworks"/> must allow them as well.
    /// </summary>
    /// <value>
    /// Each from 1 to 65535. Defaults to none: a request through a tunnel comes from this machine, bypassing a proxy or firewall in front
    /// of the process. On Linux this covers every listening socket of the process, within a quarter of a second of its opening; on other
    /// systems it covers the endpoints of the tunnel's host. A port that is forwarded to the process under another address, for example by
    /// NAT, cannot be detected, and neither can the target of a name behind <see cref="UpstreamProxy"/>.
    /// </value>
    public IList<int> AllowedOwnPorts { get; } = [];

    /// <summary>
    /// Further hosts for which the application answers requests in absolute-form, such as <c>GET http://www.example.com/</c>. A client sends
    /// these to what it takes for a proxy. Requests in origin-form, which all other clients send, are not affected.
    /// </summary>
    /// <value>
    /// Names or addresses, with or without a port: <c>www.example.com</c>, <c>www.example.com:8080</c>, <c>*.example.com</c> for subdomains,
    /// or <c>*</c> for every host. Defaults to an empty list: the hosts that the configuration names in <c>urls</c>,
    /// <c>Kestrel:Endpoints</c> and <c>AllowedHosts</c>, the machine's name, and the address to which the client has connected, or
    /// <c>localhost</c>. Addresses that are set in code are not among them. A request for another host gets 421 (RFC 9110 section
    /// 15.5.20).
    /// </value>
    public IList<string> ServedHosts { get; } = [];

    /// <summary>
    /// Decides who may open a tunnel to which destination. Called for every caller, including those on the same machine, before the name is
    /// resolved. <see cref="AllowedPorts"/> and <see cref="AllowedNetworks"/> still apply.
    /// </summary>
    /// <value>
    /// Defaults to <see langword="null"/>: only callers with a loopback address or a Unix domain socket are allowed. An exception counts as
    /// <see cref="ConnectTunnelAuthorizationResult.Deny"/>.
    /// </value>
    public Func<ConnectTunnelAuthorizationContext, ValueTask<ConnectTunnelAuthorizationResult>>? Authorize { get; set; }

    /// <summary>
    /// The name of an ASP.NET Core authorization policy that decides who may open a tunnel, instead of <see cref="Authorize"/>. Its
    /// authentication schemes see a request with the method CONNECT, the connection's client certificate, and the Proxy-Authorization
    /// credentials, also as Authorization. The resource is a <see cref="ConnectTunnelAuthorizationContext"/>.
    /// </summary>
    /// <value>Defaults to <see langword="null"/>. If the policy does not exist, the server fails to start.</value>
    public string? AuthorizationPolicy { get; set; }

    /// <summary>
    /// The Proxy-Authenticate challenge, sent with a 407, for callers that <see cref="AuthorizationPolicy"/> cannot identify, such as
    /// <c>Basic realm="proxy"</c>.
    /// </summary>
    /// <value>Defaults to <see langword="null"/>: such callers get 403.</value>
    public string? ProxyChallenge { get; set; }

    /// <summary>Maximum number of concurrent tunnels on the endpoint, including those being opened.</summary>
    /// <value>Defaults to 10,000. Further requests get 503.</value>
    public int MaxTunnels { get; set; } = 10_000;

    /// <summary>Maximum number of concurrent tunnels of one caller address. For IPv6, the address is the /64 network.</summary>
    /// <value>Defaults to 256. Further requests get 503. All callers on a Unix domain socket count as one.</value>
    public int MaxTunnelsPerCaller { get; set; } = 256;

    /// <summary>
    /// How long opening a tunnel may take, from resolving the name to the connected destination or the next proxy's answer.
    /// </summary>
    /// <value>Defaults to 15 seconds. After that, the answer is 504, or 503 if too many other names were being resolved.</value>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a tunnel may be idle in both directions.</summary>
    /// <value>Defaults to 10 minutes, measured to about a second. <see cref="Timeout.InfiniteTimeSpan"/> means no limit.</value>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// How long a tunnel may be idle after the caller has ended its side, and how long the caller may take to receive the last bytes of a
    /// finished tunnel or a rejection.
    /// </summary>
    /// <value>Defaults to 30 seconds, measured to about a second.</value>
    public TimeSpan LingerTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The proxy through which tunnels are opened (RFC 2817 section 5.2). It receives names unresolved, so it decides where they lead;
    /// addresses and loopback names are still checked here.
    /// </summary>
    /// <value>
    /// <c>http://proxy:port</c> or <c>https://proxy:port</c>. User information becomes credentials for Basic authentication (RFC 7617).
    /// Defaults to <see langword="null"/>: destinations are connected to directly.
    /// </value>
    public Uri? UpstreamProxy { get; set; }

    /// <summary>The TLS settings for an <c>https://</c> <see cref="UpstreamProxy"/>.</summary>
    /// <value>
    /// Defaults to <see langword="null"/>: the platform's settings. The proxy's host name is validated unless another name is set.
    /// </value>
    public SslClientAuthenticationOptions? UpstreamProxySsl { get; set; }

    /// <summary>
    /// Whether the caller's Proxy-Authorization is forwarded to the <see cref="UpstreamProxy"/> (RFC 9110 section 11.7.2).
    /// </summary>
    /// <value>Defaults to <see langword="false"/>: credentials are not forwarded.</value>
    public bool ForwardProxyAuthorization { get; set; }
}
