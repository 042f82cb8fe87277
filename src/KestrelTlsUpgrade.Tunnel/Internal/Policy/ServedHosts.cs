using System.Net;
using Microsoft.AspNetCore.HostFiltering;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace KestrelTlsUpgrade.Tunnel.Internal.Policy;

/// <summary>
/// The authorities that are the server's own: the application answers requests in absolute-form for them. Anybody else's request came here
/// because a client has this server as its proxy (RFC 9110 section 7.4).
/// </summary>
internal sealed class ServedHosts
{
    private const string Any = "*";

    private readonly IReadOnlyList<ServedHost> _named;
    private readonly IReadOnlyList<ServedHost> _bound;
    private readonly IOptionsMonitor<HostFilteringOptions>? _filtering;

    public ServedHosts(ConnectTunnelOptions options, IServiceProvider services)
    {
        _named = [.. options.ServedHosts.Select(ServedHost.Parse).OfType<ServedHost>()];
        _bound = [.. FindBound(services.GetService<IConfiguration>())];
        _filtering = services.GetService<IOptionsMonitor<HostFilteringOptions>>();
    }

    /// <param name="authority">The authority of the request's target.</param>
    /// <param name="isHttps">Whether its scheme is https.</param>
    /// <param name="local">Where the connection was accepted.</param>
    public bool Contains(string authority, bool isHttps, EndPoint? local)
    {
        // User information is not part of what identifies a server (RFC 9110 section 4.2.4).
        var host = new HostString(authority[(authority.LastIndexOf('@') + 1)..]);
        var name = host.Host.TrimEnd('.');
        if (name.Length == 0)
        {
            return false;
        }

        var defaultPort = isHttps ? 443 : 80;
        var port = host.Port ?? defaultPort;
        return _named.Any(served => served.Matches(name, port)) || _bound.Any(served => served.Matches(name, port))
            || (local is IPEndPoint own ? IsLocal(name, port, own, defaultPort) : IsFiltered(name));
    }

    private bool IsLocal(string name, int port, IPEndPoint local, int defaultPort)
    {
        var own = SpecialAddresses.Unmap(local.Address);
        if (IPAddress.TryParse(name.Trim('[', ']'), out var address))
        {
            address = SpecialAddresses.Unmap(address);
            return port == local.Port && (address.Equals(own) || (IPAddress.IsLoopback(address) && IPAddress.IsLoopback(own)));
        }

        var isLocalName = (Is(name, "localhost") && IPAddress.IsLoopback(own)) || Is(name, Environment.MachineName) || Is(name, Dns.GetHostName());

        // The port may be forwarded from the default one.
        return (isLocalName && port == local.Port) || ((port == local.Port || port == defaultPort) && IsFiltered(name));
    }

    /// <summary>Whether the application lists the name in <c>AllowedHosts</c>. That may change while the server runs.</summary>
    private bool IsFiltered(string name) =>
        _filtering?.CurrentValue.AllowedHosts is { Count: > 0 } hosts
        && !hosts.Contains(Any)
        && HostString.MatchesAny(name, [.. hosts.Select(static host => (StringSegment)host)]);

    /// <summary>The names in the addresses that the server was told to listen on. Kestrel itself reads any name as "every address".</summary>
    private static IEnumerable<ServedHost> FindBound(IConfiguration? configuration)
    {
        if (configuration is null)
        {
            yield break;
        }

        var addresses = (configuration["urls"] ?? "").Split(';')
            .Concat(configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(static endpoint => endpoint["Url"] ?? ""));
        foreach (var address in addresses)
        {
            if (Uri.TryCreate(address.Trim(), UriKind.Absolute, out var uri) && uri.HostNameType is UriHostNameType.Dns)
            {
                yield return new ServedHost(uri.IdnHost, uri.Port == 0 ? null : uri.Port);
            }
        }
    }

    private static bool Is(string name, string expected) => name.Equals(expected, StringComparison.OrdinalIgnoreCase);
}
