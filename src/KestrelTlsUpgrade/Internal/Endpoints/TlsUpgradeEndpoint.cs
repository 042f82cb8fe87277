using System.Runtime.CompilerServices;
using KestrelTlsUpgrade.Connections.Hosting;
using KestrelTlsUpgrade.Connections.Sections;
using KestrelTlsUpgrade.Internal.Middleware;
using KestrelTlsUpgrade.Internal.Settings;
using KestrelTlsUpgrade.Internal.Telemetry;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.Internal.Endpoints;

/// <summary>
/// The upgrade on one endpoint. Collects the settings made in code during set-up, adds the connection middleware when the endpoint is
/// bound, and replaces its settings while the server runs.
/// </summary>
internal sealed partial class TlsUpgradeEndpoint : IUpgradeEndpoint
{
    /// <summary>An endpoint gets one middleware, at the position of the first call, however often it is configured.</summary>
    private static readonly ConditionalWeakTable<ListenOptions, TlsUpgradeEndpoint> All = [];

    private readonly ListenOptions _listenOptions;
    private readonly EndpointCalls _calls = new();
    private readonly List<Action<TlsUpgradeOptions>> _configure = [];
    private readonly ActiveSettings _active = new();
    private readonly Lock _lock = new();
    private SettingsLoader? _loader;
    private SettingsLocation? _location;
    private SettingsSources? _sources;
    private bool _isSkipped;

    private TlsUpgradeEndpoint(ListenOptions listenOptions) => _listenOptions = listenOptions;

    public SettingsSnapshot? Settings { get; private set; }

    public SettingsState State { get; private set; }

    public string? ReloadFailure { get; set; }

    public string Address => _listenOptions.ToString()!;

    private ILogger Logger =>
        _listenOptions.ApplicationServices.GetRequiredService<ILoggerFactory>().CreateLogger(LogCategories.Endpoint);

    /// <param name="listenOptions">The endpoint.</param>
    /// <param name="configure">Sets the endpoint's options, after those of the host and of earlier calls.</param>
    /// <param name="isExplicit">
    /// True if the application named this endpoint; false if the host-wide default reached it, which skips endpoints that cannot be
    /// upgraded.
    /// </param>
    public static void Add(ListenOptions listenOptions, Action<TlsUpgradeOptions>? configure, bool isExplicit)
    {
        var endpoint = All.GetValue(listenOptions, static options =>
        {
            var created = new TlsUpgradeEndpoint(options);
            ExplicitProtocols.Forget(options);

            // In front of the upgrade, for middleware that has to read the connection first, such as the PROXY protocol.
            OutermostPlace.Reserve(options);
            options.Use(next => EndpointException.Build(options, () => created.Build(next)));
            return created;
        });
        endpoint._calls.Add(isExplicit);
        if (configure is not null)
        {
            endpoint._configure.Add(configure);
        }
    }

    /// <summary>The endpoints of a server that exist so far.</summary>
    public static IEnumerable<ListenOptions> FindAll(KestrelServerOptions server) =>
        All.Select(static pair => pair.Key).Where(endpoint => endpoint.KestrelServerOptions == server);

    public IEnumerable<UnreadConfiguration> Unread => _location!.Unread.Concat(_loader!.FindUnanswered(_location.Read()));

    public SettingsState GetState() => _loader!.GetState(_location!.Read());

    public void Reload()
    {
        lock (_lock)
        {
            Load();
        }
    }

    /// <summary>Called when the endpoint is bound, once for each of its addresses.</summary>
    private ConnectionDelegate Build(ConnectionDelegate next)
    {
        _loader ??= _listenOptions.ApplicationServices.GetService<SettingsLoader>() ?? throw new InvalidOperationException(
            $"The endpoint {_listenOptions} has UseTlsUpgrade(), but the services of the upgrade are missing. "
            + "Call builder.Services.AddTlsUpgrade(), or use builder.WebHost.UseTlsUpgrade() instead.");
        lock (_lock)
        {
            var endpoints = _listenOptions.ApplicationServices.GetRequiredService<TlsUpgradeEndpoints>();
            if (_sources is null)
            {
                _location = _loader.Locate(_listenOptions);
                _sources = _location.Read();
                endpoints.Add(_listenOptions, _sources.Own);
            }

            var end = ConnectionEnds.Find(next);
            if (FindObstacle(end) is { } obstacle)
            {
                Skip(obstacle, endpoints.Coverage);
                return next;
            }

            if (Settings is null)
            {
                Load();
                endpoints.AddUpgradable(this);
                if (end is ConnectionEnd.Unknown && Settings!.Options.Enabled && FindScope(endpoints.Coverage) is not CallScope.ThisEndpoint)
                {
                    Log.HttpNotCertain(Logger, _listenOptions);
                }
            }

            return new TlsUpgradeConnectionMiddleware(next, _active).OnConnectionAsync;
        }
    }

    private void Load()
    {
        // Read first, so that a change during loading is detected as a change.
        var sources = _location!.Read();
        var state = _loader!.GetState(sources);
        var settings = _loader.Load(_listenOptions, sources, _configure, Settings);
        (Settings, State) = (settings, state);
        _active.Set(settings);
    }

    /// <summary>Only a plaintext endpoint with HTTP/1.1 can be upgraded.</summary>
    private Obstacle? FindObstacle(ConnectionEnd end) =>
        _listenOptions.UsesHttps() ? Obstacle.Https
        : (_listenOptions.Protocols & HttpProtocols.Http1) == 0 ? Obstacle.Protocols
        : end is ConnectionEnd.Other ? Obstacle.OtherProtocol
        : null;

    /// <summary>Skips an endpoint, unless the application wants the upgrade on it in particular.</summary>
    private void Skip(Obstacle obstacle, HostCoverage coverage)
    {
        if (_isSkipped)
        {
            return;
        }

        var section = _sources!.Own is { } own ? $"{own.Path}, " : "";
        var (reason, remedy) = obstacle switch
        {
            Obstacle.Https => (
                "it already uses TLS from the first byte",
                $"Remove {section}UseTlsUpgrade() or UseHttps() from it."),
            Obstacle.Protocols => (
                $"its protocols are {_listenOptions.Protocols}, and only HTTP/1.1 can be upgraded",
                $"Add HTTP/1.1 to its Protocols or remove {section}UseTlsUpgrade() from it."),
            _ => (
                "it does not speak HTTP: a handler of the application ends its connections",
                $"Remove {section}UseTlsUpgrade() from it, or set its Enabled to false."),
        };
        var scope = FindScope(coverage);
        if (scope is CallScope.ThisEndpoint && _loader!.ReadOptions(_listenOptions, _sources, _configure).Enabled)
        {
            throw new InvalidOperationException($"The endpoint {_listenOptions} cannot be upgraded to TLS: {reason}. {remedy}");
        }

        if (scope is CallScope.Uncertain && obstacle is Obstacle.Protocols)
        {
            Log.CallIgnored(Logger, _listenOptions, reason, remedy);
        }
        else
        {
            Log.NotUpgraded(Logger, _listenOptions, reason);
        }

        coverage.Skip(_listenOptions, reason);
        _isSkipped = true;
    }

    /// <summary>Settings of its own in the configuration name an endpoint, too.</summary>
    private CallScope FindScope(HostCoverage coverage) => _sources!.IsExplicit ? CallScope.ThisEndpoint : _calls.FindScope(coverage);

    /// <summary>Why an endpoint cannot be upgraded.</summary>
    private enum Obstacle
    {
        Https,
        Protocols,
        OtherProtocol,
    }

    private static partial class Log
    {
        [LoggerMessage(6, LogLevel.Debug, "The endpoint {Endpoint} is not upgraded: {Reason}.", EventName = "NotUpgraded")]
        public static partial void NotUpgraded(ILogger logger, ListenOptions endpoint, string reason);

        [LoggerMessage(7, LogLevel.Warning, "UseTlsUpgrade() has no effect on the endpoint {Endpoint}: {Reason}. {Remedy}", EventName = "CallIgnored")]
        public static partial void CallIgnored(ILogger logger, ListenOptions endpoint, string reason, string remedy);

        [LoggerMessage(8, LogLevel.Information, "The endpoint {Endpoint} is upgraded, but it cannot be told whether it speaks HTTP: its connection middleware does not show what follows. If it speaks another protocol, exempt it with UseTlsUpgrade(options => options.Enabled = false), or TlsUpgrade:Enabled = false in its section.", EventName = "HttpNotCertain")]
        public static partial void HttpNotCertain(ILogger logger, ListenOptions endpoint);
    }
}
