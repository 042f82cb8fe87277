using KestrelTlsUpgrade.Internal.Negotiation;
using Microsoft.AspNetCore.Connections;

namespace KestrelTlsUpgrade.Internal.Switching;

/// <summary>
/// The TLS side of an endpoint: Kestrel's own TLS connection middleware with its timeout, metrics, client certificates and
/// logging. Where there are settings by server name, those of an upgraded connection are told by the host of the request in clear
/// text: its client may send no server name (RFC 2817 section 1), and one that sends another is refused.
/// </summary>
/// <param name="tls">For everybody, or by the server name that the client sends.</param>
/// <param name="byName">For upgraded connections, by name.</param>
internal sealed class TlsBranches(ConnectionDelegate tls, ServerNameTable<ConnectionDelegate> byName)
{
    /// <summary>A name without settings gets what a client would that starts TLS with it: as a rule, Kestrel's refusal.</summary>
    public Task OnConnectionAsync(ConnectionContext connection)
    {
        var branch = !byName.IsEmpty && connection.Features.Get<UpgradeRequest>() is { } upgrade ? byName.FindByHost(upgrade.Host) : null;
        return (branch ?? tls)(connection);
    }
}
