using KestrelTlsUpgrade.Internal.Connections;
using Microsoft.AspNetCore.Connections;

namespace KestrelTlsUpgrade.Internal.Tls;

/// <summary>
/// The TLS pipelines of an endpoint: Kestrel's TLS middleware with its timeout, metrics, client certificates and logging. If settings
/// depend on the server name, the host of the plaintext request selects the branch of an upgraded connection, because its client may send
/// no server name (RFC 2817 section 1). A client that sends another name is refused.
/// </summary>
/// <param name="tls">The default branch, which selects settings by the client's server name.</param>
/// <param name="byName">The branches of upgraded connections, by host.</param>
internal sealed class SniBranches(ConnectionDelegate tls, ServerNameTable<ConnectionDelegate> byName)
{
    /// <summary>Runs TLS, followed by <see cref="SecuredConnection"/>.</summary>
    /// <remarks>
    /// A host without its own branch uses the default branch. Kestrel usually refuses it there, as it does for TLS from the first
    /// byte.
    /// </remarks>
    public Task RunAsync(UpgradeConnection connection)
    {
        var branch = !byName.IsEmpty && connection.Upgrade is { } upgrade ? byName.FindByHost(upgrade.Host) : null;
        return (branch ?? tls)(connection.Context);
    }
}
