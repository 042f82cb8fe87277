using System.Net;
using System.Runtime.CompilerServices;
using KestrelTlsUpgrade.Connections.Hosting;
using KestrelTlsUpgrade.Connections.Sections;
using KestrelTlsUpgrade.ProxyProtocol.Internal.Configuration;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace KestrelTlsUpgrade.ProxyProtocol.Internal.Hosting;

/// <summary>
/// The PROXY protocol on one endpoint. Its header comes before everything else, so its middleware takes the place in front of those
/// that a host-wide <c>UseTlsUpgrade()</c> or <c>UseConnectTunnel()</c> has added before.
/// </summary>
internal sealed class ProxyProtocolEndpoint
{
    private const string Method = nameof(ListenOptionsProxyProtocolExtensions.UseProxyProtocol);

    /// <summary>However often an endpoint is configured, it gets one middleware and reads one header.</summary>
    private static readonly ConditionalWeakTable<ListenOptions, ProxyProtocolEndpoint> All = [];

    private readonly ListenOptions _listenOptions;
    private readonly EndpointCalls _calls = new();
    private readonly List<Action<ProxyProtocolOptions>> _configure = [];
    private readonly Lock _lock = new();
    private ProxyProtocolOptions? _options;

    private ProxyProtocolEndpoint(ListenOptions listenOptions) => _listenOptions = listenOptions;

    /// <param name="listenOptions">The endpoint.</param>
    /// <param name="configure">Its settings, which override those of the host and of earlier calls.</param>
    /// <param name="isExplicit">
    /// True if the application named this endpoint; false if the host-wide default reached it, which skips endpoints that do not
    /// listen on TCP.
    /// </param>
    public static void Add(ListenOptions listenOptions, Action<ProxyProtocolOptions>? configure, bool isExplicit)
    {
        if (!All.TryGetValue(listenOptions, out var endpoint))
        {
            endpoint = new ProxyProtocolEndpoint(listenOptions);
            endpoint.RefusePlaceBehindTls();
            All.Add(listenOptions, endpoint);
            OutermostPlace.Take(listenOptions, next => EndpointException.Build(listenOptions, () => endpoint.Build(next)));
            ((IMultiplexedConnectionBuilder)listenOptions).Use(next => endpoint.Load() is null ? next : throw endpoint.ServesHttp3());
        }

        endpoint._calls.Add(isExplicit);
        if (configure is not null)
        {
            endpoint._configure.Add(configure);
        }
    }

    private void RefusePlaceBehindTls()
    {
        if (_listenOptions.UsesHttps())
        {
            throw new InvalidOperationException(
                $"The endpoint {_listenOptions} has {Method}() behind UseHttps(), where it would see nothing but TLS. Call it first.");
        }
    }

    /// <summary>Connections of QUIC do not come through here: Kestrel would let everybody in, without a header.</summary>
    private InvalidOperationException ServesHttp3() => new(
        $"The endpoint {_listenOptions} has {Method}(), but its protocols are {_listenOptions.Protocols}, and HTTP/3 does not come over TCP. "
        + "Remove HTTP/3 from its Protocols.");

    /// <summary>Called when the endpoint is bound, once for each of its addresses.</summary>
    private ConnectionDelegate Build(ConnectionDelegate next)
    {
        var provider = _listenOptions.ApplicationServices;
        if (Load() is not { } options)
        {
            return next;
        }

        // Throw before TCP is bound: otherwise Kestrel's any-IP fallback retries on IPv4 and reports "address in use".
        if (_listenOptions.UsesHttps()
            && _listenOptions.Protocols.HasFlag(HttpProtocols.Http3)
            && provider.GetServices<IMultiplexedConnectionListenerFactory>().Any())
        {
            throw ServesHttp3();
        }

        var services = ProxyProtocolServices.Of(provider);
        var timeout = options.HeaderTimeout == Timeout.InfiniteTimeSpan ? TimeSpan.MaxValue : options.HeaderTimeout;
        var arrival = new ProxyHeaderArrival(timeout, services.TimeProvider);
        return new ProxyProtocolConnectionMiddleware(next, new TrustedSources(options), arrival, services.LogLimiter, services.Logger)
            .OnConnectionAsync;
    }

    /// <summary>Loads the settings. Returns <see langword="null"/> if the endpoint does not read a header.</summary>
    private ProxyProtocolOptions? Load()
    {
        lock (_lock)
        {
            if (_options is null)
            {
                var services = ProxyProtocolServices.Of(_listenOptions.ApplicationServices);
                services.Coverage.Add(_listenOptions);
                var own = EndpointSections.Find(_listenOptions, ProxyProtocolSection.Name);
                var options = ProxyProtocolOptionsLoader.Load(_listenOptions, own, services.Provider, _configure);
                if (options.Enabled && !IsTcp(isRequired: own.Exists() || _calls.FindScope(services.Coverage) is CallScope.ThisEndpoint))
                {
                    services.Coverage.Skip(_listenOptions, "it does not listen on TCP");
                    options.Enabled = false;
                }

                RequireTrust(options);
                _options = options;
            }

            return _options.Enabled ? _options : null;
        }
    }

    private bool IsTcp(bool isRequired)
    {
        var isTcp = _listenOptions.EndPoint is IPEndPoint or FileHandleEndPoint;
        return isTcp || !isRequired ? isTcp : throw new InvalidOperationException(
            $"The endpoint {_listenOptions} has {Method}(), but a client that connects to it has no address that could be trusted. "
            + "Let it listen on TCP.");
    }

    private void RequireTrust(ProxyProtocolOptions options)
    {
        if (options.Enabled && new TrustedSources(options).IsEmpty)
        {
            throw new InvalidOperationException(
                $"The endpoint {_listenOptions} has {Method}(), but trusts nobody. Add the address of the proxy to "
                + $"{nameof(ProxyProtocolOptions.KnownProxies)}, or its network to {nameof(ProxyProtocolOptions.KnownIPNetworks)}.");
        }
    }
}
