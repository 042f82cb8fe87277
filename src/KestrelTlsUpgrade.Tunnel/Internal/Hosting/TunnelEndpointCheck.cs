using KestrelTlsUpgrade.Connections.Hosting;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.Tunnel.Internal.Hosting;

/// <summary>Fails the start-up of a host whose <c>UseConnectTunnel()</c> does not reach a plaintext endpoint.</summary>
internal sealed partial class TunnelEndpointCheck(IServer server, IServiceProvider provider)
    : HostCoverageCheck(server, TunnelServices.Of(provider).Coverage, nameof(WebHostBuilderConnectTunnelExtensions.UseConnectTunnel))
{
    private readonly ILogger _logger = TunnelServices.Of(provider).Logger;

    protected override void WarnOfOther(Type server) => Log.NotKestrel(_logger, server);

    protected override void WarnOfNone(IReadOnlyList<KeyValuePair<ListenOptions, string>> skipped) =>
        Log.NoTunnels(_logger, Describe(skipped));

    private static partial class Log
    {
        [LoggerMessage(3, LogLevel.Warning, "UseConnectTunnel() has no effect: the server is {Server}, and tunnels can be opened on Kestrel's connections only.", EventName = "NotKestrel")]
        public static partial void NotKestrel(ILogger logger, Type server);

        [LoggerMessage(4, LogLevel.Warning, "UseConnectTunnel() has no effect, because no endpoint can open tunnels. {Endpoints}. Give one of them HTTP/1.1 in its Protocols, or call UseConnectTunnel() behind UseHttps().", EventName = "NoTunnels")]
        public static partial void NoTunnels(ILogger logger, string endpoints);
    }
}
