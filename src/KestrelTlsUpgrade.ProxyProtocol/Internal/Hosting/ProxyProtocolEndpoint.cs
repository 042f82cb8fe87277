using System.Net;
using System.Runtime.CompilerServices;
using KestrelTlsUpgrade.Connections;
using KestrelTlsUpgrade.Connections.Endpoints;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.ProxyProtocol.Internal.Hosting;

/// <summary>
/// The PROXY protocol on one endpoint. Its header comes before everything else, so it goes in front of what a host-wide
/// <c>UseTlsUpgrade()</c> or <c>UseConnectTunnel()</c> has put there before.
/// </summary>
internal sealed class ProxyProtocolEndpoint
{
    private const string Name = nameof(ListenOptionsProxyProtocolExtensions.UseProxyProtocol);

    private static readonly ConditionalWeakTable<ListenOptions, ProxyProtocolEndpoint> All = [];

    private readonly ListenOptions _listenOptions;
    private readonly ProxyProtocolOptions _options = new();
    private CallerLogLimiter? _limiter;

    private ProxyProtocolEndpoint(ListenOptions listenOptions) => _listenOptions = listenOptions;

    private bool IsTls => _listenOptions.ToString()!.StartsWith("https://", StringComparison.Ordinal);

    public static void Add(ListenOptions listenOptions, Action<ProxyProtocolOptions> configure)
    {
        if (All.TryGetValue(listenOptions, out var endpoint))
        {
            endpoint.Configure(configure);
            return;
        }

        endpoint = new ProxyProtocolEndpoint(listenOptions);
        endpoint.RequirePlace();
        endpoint.Configure(configure);
        All.Add(listenOptions, endpoint);
        OutermostPlace.Take(listenOptions, endpoint.Build);
        ((IMultiplexedConnectionBuilder)listenOptions).Use(_ => throw endpoint.ServesHttp3());
    }

    private void RequirePlace()
    {
        if (IsTls)
        {
            throw new InvalidOperationException(
                $"The endpoint {_listenOptions} has {Name}() behind UseHttps(), where it would see nothing but TLS. Call it first.");
        }

        if (_listenOptions.EndPoint is not (IPEndPoint or FileHandleEndPoint))
        {
            throw new InvalidOperationException(
                $"The endpoint {_listenOptions} has {Name}(), but whoever connects to it has no address that could be trusted. "
                + "Let it listen on TCP.");
        }
    }

    private void Configure(Action<ProxyProtocolOptions> configure)
    {
        configure(_options);
        if (new TrustedSources(_options).IsEmpty)
        {
            throw new InvalidOperationException(
                $"The endpoint {_listenOptions} has {Name}(), but trusts nobody. Add the address of the proxy to "
                + $"{nameof(ProxyProtocolOptions.KnownProxies)}, or its network to {nameof(ProxyProtocolOptions.KnownIPNetworks)}.");
        }
    }

    /// <summary>Connections of QUIC do not come through here: Kestrel would let everybody in, without a header.</summary>
    private InvalidOperationException ServesHttp3() => new(
        $"The endpoint {_listenOptions} has {Name}(), but its protocols are {_listenOptions.Protocols}, and HTTP/3 does not come over TCP. "
        + "Remove HTTP/3 from its Protocols.");

    /// <summary>Called when the endpoint is bound, once for each of its addresses.</summary>
    private ConnectionDelegate Build(ConnectionDelegate next)
    {
        var services = _listenOptions.ApplicationServices;

        // Said before TCP is bound: where both versions of IP are meant, Kestrel then tries IPv4 alone, and finds the port taken.
        if (IsTls && _listenOptions.Protocols.HasFlag(HttpProtocols.Http3) && services.GetServices<IMultiplexedConnectionListenerFactory>().Any())
        {
            throw ServesHttp3();
        }

        var timeout = _options.HeaderTimeout == Timeout.InfiniteTimeSpan ? TimeSpan.MaxValue : _options.HeaderTimeout;
        var timeProvider = services.GetService<TimeProvider>() ?? TimeProvider.System;
        var arrival = new ProxyHeaderArrival(timeout, timeProvider);

        // Without AddTlsUpgrade() there is none in the services.
        _limiter ??= services.GetService<CallerLogLimiter>() ?? new(timeProvider);
        var logger = services.GetRequiredService<ILoggerFactory>().CreateLogger("KestrelTlsUpgrade.ProxyProtocol");
        return new ProxyProtocolConnectionMiddleware(next, new TrustedSources(_options), arrival, _limiter, logger).OnConnectionAsync;
    }
}
