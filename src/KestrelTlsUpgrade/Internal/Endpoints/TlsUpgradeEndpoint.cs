using System.Runtime.CompilerServices;
using KestrelTlsUpgrade.Connections.Hosting;
using KestrelTlsUpgrade.Internal.Middleware;
using KestrelTlsUpgrade.Internal.Settings;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace KestrelTlsUpgrade.Internal.Endpoints;

/// <summary>
/// The upgrade on one endpoint. Collects the settings made in code during set-up, adds the connection middleware when the endpoint is
/// bound, and replaces its settings while the server runs.
/// </summary>
internal sealed class TlsUpgradeEndpoint : IUpgradeEndpoint
{
    /// <summary>An endpoint gets one middleware, at the position of the first call, however often it is configured.</summary>
    private static readonly ConditionalWeakTable<ListenOptions, TlsUpgradeEndpoint> All = [];

    private readonly ListenOptions _listenOptions;
    private readonly List<Action<TlsUpgradeOptions>> _configure = [];
    private readonly ActiveSettings _active = new();
    private readonly Lock _lock = new();
    private SettingsLoader? _loader;
    private SettingsSources? _sources;
    private bool _isExplicit;

    private TlsUpgradeEndpoint(ListenOptions listenOptions) => _listenOptions = listenOptions;

    public SettingsSnapshot? Settings { get; private set; }

    public SettingsState State { get; private set; }

    public string? ReloadFailure { get; set; }

    public string Address => _listenOptions.ToString()!;

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
            // In front of the upgrade, for middleware that has to read the connection first, such as the PROXY protocol.
            OutermostPlace.Reserve(options);
            options.Use(created.Build);
            return created;
        });
        endpoint._isExplicit |= isExplicit;
        if (configure is not null)
        {
            endpoint._configure.Add(configure);
        }
    }

    public SettingsState GetState() => _loader!.GetState(_sources!);

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
                _sources = _loader.FindSources(_listenOptions);
                endpoints.Add(_listenOptions, _sources.Own);
            }

            if (!IsPlaintextHttp1(isExplicit: (_isExplicit && !endpoints.Coverage.IsWholeHost) || _sources.IsExplicit))
            {
                return next;
            }

            if (Settings is null)
            {
                Load();
                endpoints.AddUpgradable(this);
            }

            return new TlsUpgradeConnectionMiddleware(next, _active).OnConnectionAsync;
        }
    }

    private void Load()
    {
        // Read first, so that a change during loading is detected as a change.
        var state = GetState();
        var settings = _loader!.Load(_listenOptions, _sources!, _configure, Settings);
        (Settings, State) = (settings, state);
        _active.Current = settings.Options.Enabled ? settings : null;
    }

    /// <summary>
    /// Only a plaintext endpoint with HTTP/1.1 can be upgraded. If the upgrade was added to the whole host, other endpoints are skipped,
    /// even if named explicitly: an application's endpoint defaults cannot distinguish them.
    /// </summary>
    private bool IsPlaintextHttp1(bool isExplicit)
    {
        var section = _sources!.Own is { } own ? $"{own.Path}, " : "";
        var remedy =
            _listenOptions.UsesHttps()
                ? $"it already uses TLS from the first byte. Remove {section}UseTlsUpgrade() or UseHttps() from it."
            : (_listenOptions.Protocols & HttpProtocols.Http1) == 0
                ? $"its protocols are {_listenOptions.Protocols}, and only HTTP/1.1 can be upgraded. "
                    + $"Add HTTP/1.1 to its Protocols or remove {section}UseTlsUpgrade() from it."
            : null;
        return remedy is null || (isExplicit
            ? throw new InvalidOperationException($"The endpoint {_listenOptions} cannot be upgraded to TLS: {remedy}")
            : false);
    }
}
