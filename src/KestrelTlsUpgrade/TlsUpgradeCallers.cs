using System.Net;

namespace KestrelTlsUpgrade;

/// <summary>
/// The callers whose offers are accepted. An empty list admits everyone. Exceptions go first, and all conditions must be met.
/// </summary>
public sealed class TlsUpgradeCallers
{
    /// <summary>
    /// Gets the networks whose callers may upgrade. The address is the connection's: that of a load balancer, unless the PROXY protocol
    /// reports another one.
    /// </summary>
    /// <value>Empty by default: all. A caller without an address, on a Unix socket, is in no network.</value>
    public IList<IPNetwork> Networks { get; } = [];

    /// <summary>Gets the networks whose callers may not upgrade.</summary>
    /// <value>Empty by default.</value>
    public IList<IPNetwork> ExceptNetworks { get; } = [];

    /// <summary>
    /// Gets the products whose clients may upgrade: the first one that <c>User-Agent</c> names (RFC 9110 section 10.1.5), without its
    /// version, such as <c>CUPS</c>.
    /// </summary>
    /// <value>Empty by default: all. Not case-sensitive. A client without <c>User-Agent</c> has no product.</value>
    public IList<string> Products { get; } = [];

    /// <summary>Gets the products whose clients may not upgrade, such as <c>Apache-HttpClient</c>.</summary>
    /// <value>Empty by default.</value>
    public IList<string> ExceptProducts { get; } = [];
}
