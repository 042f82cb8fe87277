using KestrelTlsUpgrade.Connections.Endpoints;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.Internal.Hosting;

/// <summary>Fails the start-up of a host whose <c>UseTlsUpgrade()</c> does not reach a plaintext endpoint.</summary>
internal sealed partial class PlaintextEndpointCheck(
    IServer server, TlsUpgradeEndpoints endpoints, ILogger<PlaintextEndpointCheck> logger)
    : HostCoverageCheck(server, endpoints.Coverage, nameof(WebHostBuilderTlsUpgradeExtensions.UseTlsUpgrade))
{
    protected override void WarnOfOther(Type server) => Log.NotKestrel(logger, server);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "UseTlsUpgrade() has no effect: the server is {Server}, and only Kestrel's connections can be upgraded.", EventName = "NotKestrel")]
        public static partial void NotKestrel(ILogger logger, Type server);
    }
}
