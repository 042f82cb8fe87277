using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.Internal.Hosting;

/// <summary>
/// Fails the start-up of a host whose <c>UseTlsUpgrade()</c> does not reach a plaintext endpoint: the upgrade comes with
/// Kestrel's endpoint defaults, and an application that sets those itself replaces ours.
/// </summary>
internal sealed partial class PlaintextEndpointCheck(
    IServer server, TlsUpgradeEndpoints endpoints, ILogger<PlaintextEndpointCheck> logger) : LifecycleService
{
    public override Task StartedAsync(CancellationToken cancellationToken)
    {
        if (server.GetType().Assembly != typeof(KestrelServerOptions).Assembly)
        {
            Log.NotKestrel(logger, server.GetType());
            return Task.CompletedTask;
        }

        var covered = endpoints.GetAddresses();
        var missed = server.Features.Get<IServerAddressesFeature>()?.Addresses
            .Where(address => address.StartsWith("http://", StringComparison.Ordinal) && !covered.Contains(address))
            .ToArray();
        return missed is null or []
            ? Task.CompletedTask
            : throw new InvalidOperationException(
                $"UseTlsUpgrade() does not reach {string.Join(", ", missed)}: the application's own ConfigureEndpointDefaults "
                + "replaces the one that would have brought it. Call listenOptions.UseTlsUpgrade() in there.");
    }

    public override Task StartingAsync(CancellationToken cancellationToken)
    {
        endpoints.CoverHost = true;
        return Task.CompletedTask;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "UseTlsUpgrade() has no effect: the server is {Server}, and only Kestrel's connections can be upgraded.", EventName = "NotKestrel")]
        public static partial void NotKestrel(ILogger logger, Type server);
    }
}
