using KestrelTlsUpgrade.Internal.Telemetry;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.Internal.Settings;

/// <summary>Warns of settings that are valid, but unsafe or without effect.</summary>
internal sealed partial class SettingsWarnings(ILoggerFactory loggers, IHostEnvironment? environment = null)
{
    private readonly ILogger _logger = loggers.CreateLogger(LogCategories.Endpoint);

    /// <param name="endpoint">The endpoint.</param>
    /// <param name="options">Its options.</param>
    /// <param name="httpsSettings">The paths of its configuration keys that a callback in code overrides.</param>
    public void Write(ListenOptions endpoint, TlsUpgradeOptions options, IEnumerable<string> httpsSettings)
    {
        if (options is { DirectTls: DirectTlsMode.Http2Only, IsDirectTlsSet: true } && (endpoint.Protocols & HttpProtocols.Http2) == 0)
        {
            Log.DirectTlsServesNobody(_logger, endpoint, endpoint.Protocols);
        }

        if (endpoint.Protocols.HasFlag(HttpProtocols.Http3))
        {
            Log.Http3NotServed(_logger, endpoint, endpoint.Protocols);
        }

        if (options is { DirectTls: DirectTlsMode.Any, UpgradesUnawareClients: true })
        {
            Log.DirectTlsNotProtected(_logger, endpoint);
        }

        if (options.HandshakeCallback is not null && httpsSettings.ToArray() is { Length: > 0 } unused)
        {
            Log.CallbackGoesOver(_logger, endpoint, string.Join(", ", unused));
        }
    }

    /// <summary>Warns of a requirement that is not enforced, which applies to an endpoint that does not upgrade, too.</summary>
    public void WriteRequirement(ListenOptions endpoint, TlsUpgradeOptions options)
    {
        if (options.Requirement is TlsUpgradeRequirement.ReportOnly && environment?.IsDevelopment() is not true)
        {
            Log.RequirementNotEnforced(_logger, endpoint);
        }
    }

    /// <summary>
    /// Warns of a change that takes two steps at once. Each step alone is safe while instances adopt it one after another. Both at once can
    /// expose some https clients to an upgrade that they do not know about (CVE-2025-49812).
    /// </summary>
    public void WriteChange(ListenOptions endpoint, TlsUpgradeOptions before, TlsUpgradeOptions after)
    {
        if (!before.Enabled || !after.Enabled)
        {
            return;
        }

        if (before is { UpgradesUnawareClients: true, DirectTls: not DirectTlsMode.Any }
            && after is { UpgradesUnawareClients: false, DirectTls: DirectTlsMode.Any })
        {
            Log.OpenedInOneStep(_logger, endpoint, after.Offers is TlsUpgradeOffers.None ? "Offers = None" : "AcceptedClients = AwareOnly");
        }

        if (before is { UpgradesUnawareClients: false, DirectTls: DirectTlsMode.Any }
            && after is { UpgradesUnawareClients: true, DirectTls: not DirectTlsMode.Any })
        {
            Log.ClosedInOneStep(_logger, endpoint, after.DirectTls);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The endpoint {Endpoint} has DirectTls = Http2Only, but its protocols are {Protocols}: no client with TLS from the first byte is served. Add HTTP/2 to its Protocols, or set DirectTls to Off or Any.", EventName = "DirectTlsServesNobody")]
        public static partial void DirectTlsServesNobody(ILogger logger, ListenOptions endpoint, HttpProtocols protocols);

        [LoggerMessage(4, LogLevel.Warning, "The endpoint {Endpoint} changed to {Setting} and DirectTls = Any in one step. Set {Setting} first, on every instance, and Any when all of them have it: until then an instance that still upgrades all clients can be used against https clients of this one (CVE-2025-49812).", EventName = "OpenedInOneStep")]
        public static partial void OpenedInOneStep(ILogger logger, ListenOptions endpoint, string setting);

        [LoggerMessage(5, LogLevel.Warning, "The endpoint {Endpoint} changed to DirectTls = {DirectTls} and now upgrades all clients, in one step. Set {DirectTls} first, on every instance, and Offers and AcceptedClients when all of them have it: until then https clients of an instance that still has Any can be attached to an upgrade of this one (CVE-2025-49812).", EventName = "ClosedInOneStep")]
        public static partial void ClosedInOneStep(ILogger logger, ListenOptions endpoint, DirectTlsMode directTls);

        [LoggerMessage(3, LogLevel.Warning, "The endpoint {Endpoint} has a HandshakeCallback in code, which overrides {Settings}: these settings have no effect.", EventName = "CallbackGoesOver")]
        public static partial void CallbackGoesOver(ILogger logger, ListenOptions endpoint, string settings);

        [LoggerMessage(10, LogLevel.Warning, "The endpoint {Endpoint} has Requirement = ReportOnly: plaintext requests for resources that require TLS are served. They are counted, so that you see whom Enforce would meet.", EventName = "RequirementNotEnforced")]
        public static partial void RequirementNotEnforced(ILogger logger, ListenOptions endpoint);

        [LoggerMessage(9, LogLevel.Warning, "The endpoint {Endpoint} does not serve HTTP/3, although its protocols are {Protocols}: HTTP/3 needs an https endpoint.", EventName = "Http3NotServed")]
        public static partial void Http3NotServed(ILogger logger, ListenOptions endpoint, HttpProtocols protocols);

        [LoggerMessage(2, LogLevel.Warning, "The endpoint {Endpoint} has DirectTls = Any with AcceptedClients = Compatible. An attacker on the path can attach an https client that speaks HTTP/1.1 to an upgrade (CVE-2025-49812). Use DirectTls = Http2Only, AcceptedClients = AwareOnly or, to serve http and https on one port without an upgrade, Offers = None.", EventName = "DirectTlsNotProtected")]
        public static partial void DirectTlsNotProtected(ILogger logger, ListenOptions endpoint);
    }
}
