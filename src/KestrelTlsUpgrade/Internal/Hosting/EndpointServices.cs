using System.Collections.Frozen;
using KestrelTlsUpgrade.Connections;
using KestrelTlsUpgrade.Internal.Arrival;
using KestrelTlsUpgrade.Internal.Configuration;
using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Internal.Observation;
using KestrelTlsUpgrade.Internal.Switching;
using KestrelTlsUpgrade.Internal.Switching.Handshakes;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
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
    CallerLogLimiter limiter,
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
            NeedsHint = options.AcceptedClients is UpgradeClients.AwareOnly,
            Advertise = options.Advertise,
            ServesDirectTls = options.DirectTls is DirectTlsMode.Any
                || (options.DirectTls is DirectTlsMode.Http2Only && (endpoint.Protocols & HttpProtocols.Http2) != 0),
            RedirectBrowsers = options.RedirectBrowsers,
            Limits = endpoint.KestrelServerOptions.Limits,
        };
        var rules = new ClientRules(options.AcceptedClients, options.DirectTls, options.TrustClientCertificateOnReplay)
        {
            CertificateGates = FindCertificateGates(settings),
        };
        var refusals = new RefusalLog(loggers.CreateLogger<SecuredConnectionMiddleware>(), limiter);
        var secured = new SecuredConnectionMiddleware(
            next,
            settings.TermsByName,
            new Http1Refusal(policy.Limits.RequestHeadersTimeout, timeProvider),
            refusals,
            observers,
            timeProvider,
            loggers.CreateLogger<SecuredConnectionMiddleware>());
        var handshake = new TlsHandshake(
            settings.Build(secured.OnConnectionAsync).OnConnectionAsync,
            rules,
            settings.TermsByName,
            refusals,
            observers,
            limiter,
            timeProvider,
            loggers.CreateLogger<TlsHandshake>());
        return new(
            policy,
            rules,
            new ConnectionArrival(policy, options.DirectTls is not DirectTlsMode.Off, timeProvider),
            handshake,
            observers);
    }

    private static FrozenSet<string> FindCertificateGates(LoadedSettings settings)
    {
        var names = settings.ByName
            .Where(static branch => branch.Terms.ClientCertificateMode is ClientCertificateMode.RequireCertificate)
            .Select(static branch => branch.Name);
        var isForAll = settings.Options is { HandshakeCallback: null, Https.ClientCertificateMode: ClientCertificateMode.RequireCertificate };
        return (isForAll ? names.Append("") : names).ToFrozenSet(StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>
    /// Warns of a change that takes two steps at once. Each step alone is safe while it reaches one instance after another; both at once
    /// leave some clients of https in reach of an upgrade that does not know them (CVE-2025-49812).
    /// </summary>
    public void WarnOfChange(ListenOptions endpoint, TlsUpgradeOptions before, TlsUpgradeOptions after)
    {
        if (!before.Enabled || !after.Enabled)
        {
            return;
        }

        if (before is { AcceptedClients: UpgradeClients.Compatible, DirectTls: not DirectTlsMode.Any }
            && after is { AcceptedClients: UpgradeClients.AwareOnly, DirectTls: DirectTlsMode.Any })
        {
            Log.OpenedInOneStep(_logger, endpoint);
        }

        if (before is { AcceptedClients: UpgradeClients.AwareOnly, DirectTls: DirectTlsMode.Any }
            && after is { AcceptedClients: UpgradeClients.Compatible, DirectTls: not DirectTlsMode.Any })
        {
            Log.ClosedInOneStep(_logger, endpoint);
        }
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

        [LoggerMessage(4, LogLevel.Warning, "The endpoint {Endpoint} changed to AcceptedClients = AwareOnly and DirectTls = Any in one step. Set AwareOnly first, on every instance, and Any when all of them have it: until then an instance that still accepts Compatible clients can be used against https clients of this one (CVE-2025-49812).", EventName = "OpenedInOneStep")]
        public static partial void OpenedInOneStep(ILogger logger, ListenOptions endpoint);

        [LoggerMessage(5, LogLevel.Warning, "The endpoint {Endpoint} changed to DirectTls = Http2Only (or Off) and AcceptedClients = Compatible in one step. Set Http2Only first, on every instance, and Compatible when all of them have it: until then https clients of an instance that still has Any can be put behind an upgrade of this one (CVE-2025-49812).", EventName = "ClosedInOneStep")]
        public static partial void ClosedInOneStep(ILogger logger, ListenOptions endpoint);

        [LoggerMessage(3, LogLevel.Warning, "The endpoint {Endpoint} has a HandshakeCallback in code, which stands in the place of {Settings}: these have no effect there.", EventName = "CallbackGoesOver")]
        public static partial void CallbackGoesOver(ILogger logger, ListenOptions endpoint, string settings);

        [LoggerMessage(2, LogLevel.Warning, "The endpoint {Endpoint} has DirectTls = Any with AcceptedClients = Compatible. An attacker on the path can put a client of https that speaks HTTP/1.1 behind an upgrade (CVE-2025-49812). Use DirectTls = Http2Only or AcceptedClients = AwareOnly.", EventName = "DirectTlsNotProtected")]
        public static partial void DirectTlsNotProtected(ILogger logger, ListenOptions endpoint);
    }
}
