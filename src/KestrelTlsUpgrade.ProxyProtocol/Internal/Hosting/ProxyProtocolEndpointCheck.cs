using KestrelTlsUpgrade.Connections.Hosting;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.ProxyProtocol.Internal.Hosting;

/// <summary>Fails the start-up of a host whose <c>UseProxyProtocol()</c> does not reach a TCP endpoint.</summary>
internal sealed partial class ProxyProtocolEndpointCheck(IServer server, IServiceProvider provider) : HostCoverageCheck(
    server, ProxyProtocolServices.Of(provider).Coverage, nameof(WebHostBuilderProxyProtocolExtensions.UseProxyProtocol))
{
    private readonly ILogger _logger = ProxyProtocolServices.Of(provider).Logger;

    /// <summary>The header comes before TLS, so https endpoints are included.</summary>
    protected override bool Includes(string address) =>
        !address.Contains("://unix:", StringComparison.Ordinal) && !address.Contains("://pipe:", StringComparison.Ordinal);

    protected override void WarnOfOther(Type server) => Log.NotKestrel(_logger, server);

    protected override void WarnOfNone(IReadOnlyList<KeyValuePair<ListenOptions, string>> skipped) =>
        Log.NoHeaders(_logger, Describe(skipped));

    private static partial class Log
    {
        [LoggerMessage(6, LogLevel.Warning, "UseProxyProtocol() has no effect: the server is {Server}, and only Kestrel's connections can be read.", EventName = "NotKestrel")]
        public static partial void NotKestrel(ILogger logger, Type server);

        [LoggerMessage(7, LogLevel.Warning, "UseProxyProtocol() has no effect, because no endpoint listens on TCP. {Endpoints}.", EventName = "NoHeaders")]
        public static partial void NoHeaders(ILogger logger, string endpoints);
    }
}
