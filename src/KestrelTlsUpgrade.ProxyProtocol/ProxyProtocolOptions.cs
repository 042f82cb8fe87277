using System.Net;

namespace KestrelTlsUpgrade.ProxyProtocol;

/// <summary>
/// Settings of an endpoint that takes the client's address from the PROXY protocol. At least one of <see cref="KnownProxies"/> and
/// <see cref="KnownIPNetworks"/> must be filled: nobody is trusted by default.
/// </summary>
public sealed class ProxyProtocolOptions
{
    private TimeSpan _headerTimeout = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Whether the endpoint reads the header. If not, it accepts connections from everybody and leaves them their own addresses, as
    /// without this package.
    /// </summary>
    /// <value>Defaults to <see langword="true"/>.</value>
    public bool Enabled { get; set; } = true;

    /// <summary>
    /// The addresses of trusted proxies. An IPv4 address and the IPv6 address that it is mapped to (<c>::ffff:192.0.2.1</c>) are the
    /// same. A link-local address needs the zone of the proxy (<c>fe80::1%2</c>).
    /// </summary>
    /// <value>Empty by default.</value>
    public IList<IPAddress> KnownProxies { get; } = [];

    /// <summary>
    /// The networks of which every address is trusted. An IPv4 network also matches when the endpoint listens on IPv6 and sees the
    /// address mapped.
    /// </summary>
    /// <value>Empty by default.</value>
    public IList<IPNetwork> KnownIPNetworks { get; } = [];

    /// <summary>
    /// How long a trusted proxy may take to send the whole header, from the moment the connection is accepted. Kestrel's own timeouts
    /// start after the header. Like those, it is checked once a second.
    /// </summary>
    /// <value>
    /// Defaults to 5 seconds. The specification asks for at least 3, so that one lost packet can be sent again.
    /// <see cref="Timeout.InfiniteTimeSpan"/> waits as long as the connection lives.
    /// </value>
    /// <exception cref="ArgumentOutOfRangeException">The value is neither positive nor infinite.</exception>
    public TimeSpan HeaderTimeout
    {
        get => _headerTimeout;
        set
        {
            if (value != Timeout.InfiniteTimeSpan)
            {
                ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero);
            }

            _headerTimeout = value;
        }
    }
}
