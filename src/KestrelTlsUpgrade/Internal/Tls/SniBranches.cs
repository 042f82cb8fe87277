using KestrelTlsUpgrade.Internal.Connections;
using Microsoft.AspNetCore.Connections;

namespace KestrelTlsUpgrade.Internal.Tls;

/// <summary>
/// The TLS side of an endpoint: Kestrel's own TLS connection middleware with its timeout, metrics, client certificates and
/// logging. Where there are settings by server name, the host of the request in clear text selects those of an upgraded connection:
/// its client may send no server name (RFC 2817 section 1), and one that sends another is refused.
/// </summary>
/// <param name="tls">For everybody, or by the server name that the client sends.</param>
/// <param name="byName">For upgraded connections, by name.</param>
internal sealed class SniBranches(ConnectionDelegate tls, ServerNameTable<ConnectionDelegate> byName)
{
    /// <summary>Runs TLS, and <see cref="SecuredConnection"/> behind it.</summary>
    /// <remarks>A name without settings gets what a client would that starts TLS with it: as a rule, Kestrel's refusal.</remarks>
    public Task RunAsync(UpgradeConnection connection)
    {
        var branch = !byName.IsEmpty && connection.Upgrade is { } upgrade ? byName.FindByHost(upgrade.Host) : null;
        return (branch ?? tls)(connection.Context);
    }
}
