using KestrelTlsUpgrade.Internal.Arrival;
using KestrelTlsUpgrade.Internal.Configuration;
using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Internal.Observation;
using KestrelTlsUpgrade.Internal.Switching;
using KestrelTlsUpgrade.Internal.Switching.Handshakes;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.Internal.Hosting;

/// <summary>What all upgrade endpoints of a server have in common: where their settings are from, and what is made of them.</summary>
internal sealed partial class EndpointServices(
    TlsUpgradeEndpoints endpoints,
    SettingsLoader loader,
    IHostEnvironment environment,
    TlsUpgradeObservers observers,
    TimeProvider timeProvider,
    ILoggerFactory loggers,
    IConfiguration? configuration = null)
{
    private readonly ILogger _logger = loggers.CreateLogger<TlsUpgradeEndpoint>();

    public TlsUpgradeEndpoints Endpoints => endpoints;

    public SettingsSources FindSources(ListenOptions endpoint) => SettingsSources.Of(endpoint, configuration);

    public SettingsState GetState(SettingsSources sources) => SettingsState.Of(sources, environment.ContentRootPath);

    public LoadedSettings Load(ListenOptions endpoint, SettingsSources sources, IReadOnlyCollection<Action<TlsUpgradeOptions>> configure)
    {
        var settings = loader.Load(endpoint, sources, configure);
        if (settings.Options.Enabled)
        {
            Warn(endpoint, settings.Options);
            if (settings.Options.HandshakeCallback is not null && sources.HttpsSettings.ToArray() is { Length: > 0 } unused)
            {
                Log.CallbackGoesOver(_logger, endpoint, string.Join(", ", unused));
            }
        }

        return settings;
    }

    public EndpointSettings Build(ListenOptions endpoint, LoadedSettings settings, ConnectionDelegate next)
    {
        var options = settings.Options;
        var policy = new UpgradePolicy
        {
            EnabledVersions = options.HandshakeCallback is null ? options.Https.SslProtocols : HandshakeRules.DefaultVersions,
            TermsByName = settings.TermsByName.IsEmpty ? null : settings.TermsByName,
            StrictTokens = options.StrictTokens,
            AllowBehindProxy = options.AllowBehindProxy,
            Advertise = options.Advertise,
            ServesDirectTls = options.DirectTls is DirectTlsMode.Any
                || (options.DirectTls is DirectTlsMode.Http2Only && (endpoint.Protocols & HttpProtocols.Http2) != 0),
            RedirectBrowsers = options.RedirectBrowsers,
            Limits = endpoint.KestrelServerOptions.Limits,
        };
        var refusal = new Http1Refusal(policy.Limits.RequestHeadersTimeout, timeProvider);
        var secured = new SecuredConnectionMiddleware(
            next, options, settings.TermsByName, refusal, observers, timeProvider, loggers.CreateLogger<SecuredConnectionMiddleware>());
        var handshake = new TlsHandshake(
            settings.Build(secured.OnConnectionAsync).OnConnectionAsync,
            settings.TermsByName,
            observers,
            timeProvider,
            loggers.CreateLogger<TlsHandshake>());
        return new(
            policy,
            new ConnectionArrival(policy, options.DirectTls is not DirectTlsMode.Off, timeProvider),
            handshake.OnConnectionAsync,
            observers);
    }

    private void Warn(ListenOptions endpoint, TlsUpgradeOptions options)
    {
        if (options.DirectTls is DirectTlsMode.Http2Only && (endpoint.Protocols & HttpProtocols.Http2) == 0)
        {
            Log.DirectTlsServesNobody(_logger, endpoint, endpoint.Protocols);
        }

        if (options is { DirectTls: DirectTlsMode.Any, AcceptedClients: UpgradeClients.Compatible })
        {
            Log.DirectTlsNotProtected(_logger, endpoint);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The endpoint {Endpoint} has DirectTls = Http2Only, but its protocols are {Protocols}: a client that starts TLS by itself is not served. Add HTTP/2 to its Protocols, or set DirectTls to Off or Any.", EventName = "DirectTlsServesNobody")]
        public static partial void DirectTlsServesNobody(ILogger logger, ListenOptions endpoint, HttpProtocols protocols);

        [LoggerMessage(3, LogLevel.Warning, "The endpoint {Endpoint} has a HandshakeCallback in code, which stands in the place of {Settings}: these have no effect there.", EventName = "CallbackGoesOver")]
        public static partial void CallbackGoesOver(ILogger logger, ListenOptions endpoint, string settings);

        [LoggerMessage(2, LogLevel.Warning, "The endpoint {Endpoint} has DirectTls = Any with AcceptedClients = Compatible. An attacker on the path can put a client of https that speaks HTTP/1.1 behind an upgrade (CVE-2025-49812). Use DirectTls = Http2Only or AcceptedClients = AwareOnly.", EventName = "DirectTlsNotProtected")]
        public static partial void DirectTlsNotProtected(ILogger logger, ListenOptions endpoint);
    }
}
