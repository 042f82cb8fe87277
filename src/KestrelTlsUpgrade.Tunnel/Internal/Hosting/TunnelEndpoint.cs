using System.Runtime.CompilerServices;
using KestrelTlsUpgrade.Connections.Hosting;
using KestrelTlsUpgrade.Tunnel.Internal.Arrival;
using KestrelTlsUpgrade.Tunnel.Internal.Policy;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace KestrelTlsUpgrade.Tunnel.Internal.Hosting;

/// <summary>
/// Tunnels on one endpoint. Collects the settings from code during server set-up, and adds the connection middleware when the endpoint is
/// bound.
/// </summary>
internal sealed class TunnelEndpoint
{
    /// <summary>One middleware per endpoint, however often it is configured.</summary>
    private static readonly ConditionalWeakTable<ListenOptions, TunnelEndpoint> All = [];

    private readonly ListenOptions _listenOptions;
    private readonly EndpointCalls _calls = new();
    private readonly List<Action<ConnectTunnelOptions>> _configure = [];
    private readonly Lock _lock = new();
    private ConnectTunnelOptions? _options;
    private TunnelServer? _server;
    private bool _hasPlaceOutsideTls;
    private bool _hasPlaceInsideTls;

    private TunnelEndpoint(ListenOptions listenOptions) => _listenOptions = listenOptions;

    /// <param name="listenOptions">The endpoint.</param>
    /// <param name="configure">Its settings, which override those of the host and of earlier calls.</param>
    /// <param name="isExplicit">
    /// True if the application named this endpoint; false if the host-wide default reached it, which skips endpoints that cannot open
    /// tunnels.
    /// </param>
    public static void Add(ListenOptions listenOptions, Action<ConnectTunnelOptions>? configure, bool isExplicit)
    {
        var endpoint = All.GetValue(listenOptions, static options => new TunnelEndpoint(options));
        endpoint._calls.Add(isExplicit);
        OutermostPlace.Reserve(listenOptions);
        endpoint.TakePlace();
        if (configure is not null)
        {
            endpoint._configure.Add(configure);
        }
    }

    /// <summary>Connection middleware runs in the order in which it is added, and CONNECT is only readable after TLS.</summary>
    private void TakePlace()
    {
        if (_listenOptions.UsesHttps() && !_hasPlaceInsideTls)
        {
            _hasPlaceInsideTls = true;
            _listenOptions.Use(next => EndpointException.Build(_listenOptions, () => Build(next, isInsideTls: true)));
        }
        else if (!_listenOptions.UsesHttps() && !_hasPlaceOutsideTls)
        {
            _hasPlaceOutsideTls = true;
            _listenOptions.Use(next => EndpointException.Build(_listenOptions, () => Build(next, isInsideTls: false)));
        }
    }

    /// <summary>Called when the endpoint is bound, once per address.</summary>
    private ConnectionDelegate Build(ConnectionDelegate next, bool isInsideTls)
    {
        var services = TunnelServices.Of(_listenOptions.ApplicationServices);
        var isMeant = _calls.FindScope(services.Coverage) is CallScope.ThisEndpoint;
        services.Coverage.Add(_listenOptions);
        lock (_lock)
        {
            if (_listenOptions.UsesHttps() && !isInsideTls && _hasPlaceInsideTls)
            {
                return next;
            }

            if (FindObstacle(next, isInsideTls) is var (reason, remedy) && reason is not null)
            {
                services.Coverage.Skip(_listenOptions, reason);
                return !isMeant || !LoadOptions(services).Enabled
                    ? next
                    : throw new InvalidOperationException($"The endpoint {_listenOptions} has UseConnectTunnel(), but {reason}. {remedy}");
            }

            if (!LoadOptions(services).Enabled)
            {
                return next;
            }

            _server ??= new TunnelServer(LoadOptions(services), services);
            var hosts = new ServedHosts(LoadOptions(services), services.Provider);
            var arrival = new TunnelArrival(_listenOptions.KestrelServerOptions.Limits, hosts, services.TimeProvider);
            return new ConnectTunnelMiddleware(next, arrival, _server).OnConnectionAsync;
        }
    }

    /// <summary>Why no tunnel can be opened here, as a clause, and what to do about it.</summary>
    private (string? Reason, string? Remedy) FindObstacle(ConnectionDelegate next, bool isInsideTls) =>
        _listenOptions.UsesHttps() && !isInsideTls ? ("it comes before UseHttps(), where it only sees TLS records", "Call UseHttps() first.")
        : (_listenOptions.Protocols & HttpProtocols.Http1) == 0
            ? ($"its protocols are {_listenOptions.Protocols}", "Add HTTP/1.1 to its Protocols.")
        : ConnectionEnds.Find(next) is ConnectionEnd.Other
            ? ("it does not speak HTTP: a handler of the application ends its connections", "Remove UseConnectTunnel() from it.")
        : (null, null);

    private ConnectTunnelOptions LoadOptions(TunnelServices services) =>
        _options ??= TunnelOptionsLoader.Load(_listenOptions, services.Provider, _configure);
}
