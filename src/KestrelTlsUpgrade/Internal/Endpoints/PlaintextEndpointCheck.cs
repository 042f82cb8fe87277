using KestrelTlsUpgrade.Connections.Hosting;
using KestrelTlsUpgrade.Internal.Telemetry;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.Internal.Endpoints;

/// <summary>Fails start-up if the host's <c>UseTlsUpgrade()</c> does not reach a plaintext endpoint.</summary>
internal sealed partial class PlaintextEndpointCheck(
    IServer server, TlsUpgradeEndpoints endpoints, ILoggerFactory loggers)
    : HostCoverageCheck(server, endpoints.Coverage, nameof(WebHostBuilderTlsUpgradeExtensions.UseTlsUpgrade))
{
    private readonly ILogger _logger = loggers.CreateLogger(LogCategories.EndpointCoverage);

    protected override void WarnOfOther(Type server) => Log.NotKestrel(_logger, server);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "UseTlsUpgrade() has no effect: the server is {Server}, and only Kestrel's connections can be upgraded.", EventName = "NotKestrel")]
        public static partial void NotKestrel(ILogger logger, Type server);
    }
}
