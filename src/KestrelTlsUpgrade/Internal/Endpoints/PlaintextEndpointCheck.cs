using KestrelTlsUpgrade.Connections.Hosting;
using KestrelTlsUpgrade.Internal.Telemetry;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.Internal.Endpoints;

/// <summary>Fails start-up if the host's <c>UseTlsUpgrade()</c> does not reach a plaintext endpoint.</summary>
internal sealed partial class PlaintextEndpointCheck(
    IServer server, TlsUpgradeEndpoints endpoints, ILoggerFactory loggers)
    : HostCoverageCheck(server, endpoints.Coverage, nameof(WebHostBuilderTlsUpgradeExtensions.UseTlsUpgrade))
{
    private readonly ILogger _logger = loggers.CreateLogger(LogCategories.EndpointCoverage);

    protected override void WarnOfOther(Type server) => Log.NotKestrel(_logger, server);

    protected override void WarnOfNone(IReadOnlyList<KeyValuePair<ListenOptions, string>> skipped)
    {
        if (skipped.All(static pair => pair.Key.UsesHttps()))
        {
            Log.OnlyHttps(_logger);
        }
        else
        {
            Log.NothingUpgraded(_logger, Describe(skipped));
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "UseTlsUpgrade() has no effect: the server is {Server}, and only Kestrel's connections can be upgraded.", EventName = "NotKestrel")]
        public static partial void NotKestrel(ILogger logger, Type server);

        [LoggerMessage(2, LogLevel.Warning, "UseTlsUpgrade() has no effect, because no endpoint can be upgraded. Requests in clear text for what requires TLS are refused. {Endpoints}. Give one of them HTTP/1.1 in its Protocols, or let one use https.", EventName = "NothingUpgraded")]
        public static partial void NothingUpgraded(ILogger logger, string endpoints);

        [LoggerMessage(3, LogLevel.Information, "UseTlsUpgrade() has no effect: every endpoint uses TLS from the first byte.", EventName = "OnlyHttps")]
        public static partial void OnlyHttps(ILogger logger);
    }
}
