using KestrelTlsUpgrade.Internal.Negotiation;
using Microsoft.AspNetCore.Connections;

namespace KestrelTlsUpgrade.Internal.Switching;

/// <summary>
/// The TLS side of an endpoint: Kestrel's own TLS connection middleware with its timeout, metrics, client certificates and
/// logging. Where there are settings by server name, those of an upgraded connection are told by the host of the request in clear
/// text: its client may send no server name (RFC 2817 section 1), and one that sends another is refused.
/// </summary>
internal sealed class TlsBranches
{
    private readonly ConnectionDelegate _tls;
    private readonly Dictionary<string, ConnectionDelegate> _byName = new(StringComparer.OrdinalIgnoreCase);
    private readonly KeyValuePair<string, ConnectionDelegate>[] _bySuffix;

    /// <param name="tls">For everybody, or by the server name that the client sends.</param>
    /// <param name="byName">By name, where the name may be <c>*.</c> and a suffix, or <c>*</c>.</param>
    public TlsBranches(ConnectionDelegate tls, IEnumerable<KeyValuePair<string, ConnectionDelegate>> byName)
    {
        _tls = tls;
        var bySuffix = new List<KeyValuePair<string, ConnectionDelegate>>();
        foreach (var (name, branch) in byName)
        {
            if (name is "*")
            {
                bySuffix.Add(new("", branch));
            }
            else if (name.StartsWith("*.", StringComparison.Ordinal))
            {
                bySuffix.Add(new("." + ServerName.Normalize(name[2..]), branch));
            }
            else
            {
                _byName[ServerName.Normalize(name)] = branch;
            }
        }

        // The longest first, and all names last.
        _bySuffix = [.. bySuffix.OrderByDescending(static pair => pair.Key.Length)];
    }

    public Task OnConnectionAsync(ConnectionContext connection) =>
        (connection.Features.Get<UpgradeRequest>() is { } upgrade ? Find(upgrade.Host) : _tls)(connection);

    /// <summary>A name without settings gets what a client would that starts TLS with it: as a rule, Kestrel's refusal.</summary>
    private ConnectionDelegate Find(string host)
    {
        if (_byName.Count == 0 && _bySuffix.Length == 0)
        {
            return _tls;
        }

        host = ServerName.Normalize(host);
        if (_byName.TryGetValue(host, out var branch))
        {
            return branch;
        }

        foreach (var (suffix, suffixBranch) in _bySuffix)
        {
            if (host.EndsWith(suffix, StringComparison.OrdinalIgnoreCase))
            {
                return suffixBranch;
            }
        }

        return _tls;
    }
}
