using System.Net;

namespace KestrelTlsUpgrade;

/// <summary>
/// Settings of an endpoint that learns the client's address from the PROXY protocol, and whom it believes. At least one of
/// <see cref="KnownProxies"/> and <see cref="KnownIPNetworks"/> has to be filled: nobody is trusted by default.
/// </summary>
public sealed class ProxyProtocolOptions
{
    private TimeSpan _headerTimeout = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The addresses of proxies that are trusted. An IPv4 address and the IPv6 address that it is mapped to
    /// (<c>::ffff:192.0.2.1</c>) are the same. A link-local one is another in each zone, so it needs that of the proxy
    /// (<c>fe80::1%2</c>).
    /// </summary>
    /// <value>Empty by default.</value>
    public IList<IPAddress> KnownProxies { get; } = [];

    /// <summary>
    /// The networks whose every address is trusted. An IPv4 network also matches where the endpoint listens on IPv6 and sees the
    /// address mapped.
    /// </summary>
    /// <value>Empty by default.</value>
    public IList<IPNetwork> KnownIPNetworks { get; } = [];

    /// <summary>
    /// How long a trusted proxy may take for the whole header, from the moment the connection is accepted. It comes before
    /// Kestrel's own timeouts, which begin when the header is there. Looked at once a second, as these are.
    /// </summary>
    /// <value>
    /// Defaults to 5 seconds; the specification asks for 3 at least, so that one lost packet can be sent again.
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
