using System.Runtime.CompilerServices;
using KestrelTlsUpgrade.Internal.Arrival;
using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Internal.Switching;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.Internal.Hosting;

/// <summary>
/// The upgrade on one endpoint: collects what code says about it while the server is being set up, and puts the connection
/// middleware together when the endpoint is bound.
/// </summary>
internal sealed partial class TlsUpgradeEndpoint
{
    /// <summary>However often an endpoint is configured, it gets one middleware, in the place of the first call.</summary>
    private static readonly ConditionalWeakTable<ListenOptions, TlsUpgradeEndpoint> All = [];

    private readonly ListenOptions _listenOptions;
    private readonly List<Action<TlsUpgradeOptions>> _configure = [];
    private bool _isExplicit;
    private TlsUpgradeOptions? _options;

    private TlsUpgradeEndpoint(ListenOptions listenOptions) => _listenOptions = listenOptions;

    /// <param name="listenOptions">The endpoint.</param>
    /// <param name="configure">Its settings, over those of the host and of earlier calls.</param>
    /// <param name="isExplicit">
    /// Whether the endpoint is meant in person. Otherwise it is one of all endpoints, and left alone where it has no use for it.
    /// </param>
    public static void Add(ListenOptions listenOptions, Action<TlsUpgradeOptions>? configure, bool isExplicit)
    {
        var endpoint = All.GetValue(listenOptions, static options =>
        {
            var created = new TlsUpgradeEndpoint(options);
            options.Use(created.Build);
            return created;
        });
        endpoint._isExplicit |= isExplicit;
        if (configure is not null)
        {
            endpoint._configure.Add(configure);
        }
    }

    private ConnectionDelegate Build(ConnectionDelegate next)
    {
        var services = _listenOptions.ApplicationServices;
        var server = services.GetService<TlsBranchServer>() ?? throw new InvalidOperationException(
            $"The endpoint {_listenOptions} has UseTlsUpgrade(), but its HTTP part is missing. "
            + "Call builder.Services.AddTlsUpgrade(), or use builder.WebHost.UseTlsUpgrade() instead.");
        var endpoints = services.GetRequiredService<TlsUpgradeEndpoints>();
        endpoints.Add(_listenOptions);
        if (!IsPlaintextHttp1(isMeant: _isExplicit && !endpoints.CoverHost))
        {
            return next;
        }

        var loggers = services.GetRequiredService<ILoggerFactory>();
        var options = _options ??= CreateOptions(services, loggers.CreateLogger<TlsUpgradeEndpoint>());
        endpoints.AddUpgradable(_listenOptions, options);
        var policy = new UpgradePolicy
        {
            EnabledVersions = options.HandshakeCallback is null ? options.Https.SslProtocols : HandshakeRules.DefaultVersions,
            StrictTokens = options.StrictTokens,
            AllowBehindProxy = options.AllowBehindProxy,
            Advertise = options.Advertise,
            ServesDirectTls = options.DirectTls is DirectTlsMode.Any
                || (options.DirectTls is DirectTlsMode.Http2Only && (_listenOptions.Protocols & HttpProtocols.Http2) != 0),
            RedirectBrowsers = options.RedirectBrowsers,
            Limits = _listenOptions.KestrelServerOptions.Limits,
        };
        var refusal = new Http1Refusal(policy.Limits.RequestHeadersTimeout, TimeProvider.System);
        var tls = TlsBranch.Build(
            server.ServerOptions,
            options,
            _listenOptions.Protocols,
            inner => new SecuredConnectionMiddleware(
                inner, options, refusal, loggers.CreateLogger<SecuredConnectionMiddleware>()).OnConnectionAsync,
            next);
        var arrival = new ConnectionArrival(policy, options.DirectTls is not DirectTlsMode.Off, TimeProvider.System);
        return new TlsUpgradeConnectionMiddleware(next, tls, arrival, policy).OnConnectionAsync;
    }

    private TlsUpgradeOptions CreateOptions(IServiceProvider services, ILogger logger)
    {
        var options = services.GetRequiredService<TlsUpgradeOptionsFactory>().Create(_listenOptions, _configure);
        if (options.DirectTls is DirectTlsMode.Http2Only && (_listenOptions.Protocols & HttpProtocols.Http2) == 0)
        {
            Log.DirectTlsServesNobody(logger, _listenOptions, _listenOptions.Protocols);
        }

        if (options is { DirectTls: DirectTlsMode.Any, AcceptedClients: UpgradeClients.Compatible })
        {
            Log.DirectTlsNotProtected(logger, _listenOptions);
        }

        return options;
    }

    /// <summary>
    /// Only a plaintext endpoint that speaks HTTP/1.1 can be upgraded. Where all endpoints of the host are meant, the others
    /// are left alone, even if named in person: an application's endpoint defaults cannot tell which are which.
    /// </summary>
    private bool IsPlaintextHttp1(bool isMeant)
    {
        var remedy =
            _listenOptions.ToString()!.StartsWith("https://", StringComparison.Ordinal)
                ? "it speaks TLS from the first byte already. Remove UseTlsUpgrade() or UseHttps() from it."
            : (_listenOptions.Protocols & HttpProtocols.Http1) == 0
                ? $"its protocols are {_listenOptions.Protocols}, and only HTTP/1.1 can be upgraded. "
                    + "Add HTTP/1.1 to its Protocols or remove UseTlsUpgrade() from it."
            : null;
        return remedy is null || (isMeant
            ? throw new InvalidOperationException($"The endpoint {_listenOptions} cannot be upgraded to TLS: {remedy}")
            : false);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The endpoint {Endpoint} has DirectTls = Http2Only, but its protocols are {Protocols}: a client that starts TLS by itself is not served. Add HTTP/2 to its Protocols, or set DirectTls to Off or Any.", EventName = "DirectTlsServesNobody")]
        public static partial void DirectTlsServesNobody(ILogger logger, ListenOptions endpoint, HttpProtocols protocols);

        [LoggerMessage(2, LogLevel.Warning, "The endpoint {Endpoint} has DirectTls = Any with AcceptedClients = Compatible. An attacker on the path can put a client of https that speaks HTTP/1.1 behind an upgrade (CVE-2025-49812). Use DirectTls = Http2Only or AcceptedClients = AwareOnly.", EventName = "DirectTlsNotProtected")]
        public static partial void DirectTlsNotProtected(ILogger logger, ListenOptions endpoint);
    }
}
