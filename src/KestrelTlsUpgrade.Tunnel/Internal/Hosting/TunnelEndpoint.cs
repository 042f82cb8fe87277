using System.Runtime.CompilerServices;
using KestrelTlsUpgrade.Connections.Hosting;
using KestrelTlsUpgrade.Tunnel.Internal.Arrival;
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
    private readonly List<Action<ConnectTunnelOptions>> _configure = [];
    private readonly Lock _lock = new();
    private ConnectTunnelOptions? _options;
    private TunnelServer? _server;
    private bool _isExplicit;
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
        endpoint._isExplicit |= isExplicit;
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
            _listenOptions.Use(next => Build(next, isInsideTls: true));
        }
        else if (!_listenOptions.UsesHttps() && !_hasPlaceOutsideTls)
        {
            _hasPlaceOutsideTls = true;
            _listenOptions.Use(next => Build(next, isInsideTls: false));
        }
    }

    /// <summary>Called when the endpoint is bound, once per address.</summary>
    private ConnectionDelegate Build(ConnectionDelegate next, bool isInsideTls)
    {
        var services = TunnelServices.Of(_listenOptions.ApplicationServices);
        var isMeant = _isExplicit && !services.Coverage.IsWholeHost;
        services.Coverage.Add(_listenOptions);
        lock (_lock)
        {
            if (_listenOptions.UsesHttps() && !isInsideTls)
            {
                return _hasPlaceInsideTls || !isMeant
                    ? next
                    : throw new InvalidOperationException(
                        $"The endpoint {_listenOptions} has UseConnectTunnel() before UseHttps(), where it only sees TLS records. "
                        + "Call UseHttps() first.");
            }

            if ((_listenOptions.Protocols & HttpProtocols.Http1) == 0)
            {
                return !isMeant
                    ? next
                    : throw new InvalidOperationException(
                        $"The endpoint {_listenOptions} has UseConnectTunnel(), but its protocols are {_listenOptions.Protocols}. "
                        + "Add HTTP/1.1 to its Protocols.");
            }

            _options ??= TunnelOptionsLoader.Load(_listenOptions, services.Provider, _configure);
            if (!_options.Enabled)
            {
                return next;
            }

            _server ??= new TunnelServer(_options, services);
            var arrival = new TunnelArrival(_listenOptions.KestrelServerOptions.Limits, services.TimeProvider);
            return new ConnectTunnelMiddleware(next, arrival, _server).OnConnectionAsync;
        }
    }
}
