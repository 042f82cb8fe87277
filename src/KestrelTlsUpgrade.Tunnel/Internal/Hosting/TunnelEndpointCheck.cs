using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.Tunnel.Internal.Hosting;

/// <summary>
/// Fails the start-up of a host whose <c>UseConnectTunnel()</c> does not reach a plaintext endpoint: it comes with Kestrel's
/// endpoint defaults, and an application that sets those itself replaces it.
/// </summary>
internal sealed partial class TunnelEndpointCheck(IServer server, IServiceProvider provider) : IHostedLifecycleService
{
    private readonly TunnelServices _services = TunnelServices.Of(provider);

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        if (server.GetType().Assembly != typeof(KestrelServerOptions).Assembly)
        {
            Log.NotKestrel(_services.Logger, server.GetType());
            return Task.CompletedTask;
        }

        var covered = _services.GetCoveredAddresses();
        var missed = server.Features.Get<IServerAddressesFeature>()?.Addresses
            .Where(address => address.StartsWith("http://", StringComparison.Ordinal) && !covered.Contains(address))
            .ToArray();
        return missed is null or []
            ? Task.CompletedTask
            : throw new InvalidOperationException(
                $"UseConnectTunnel() does not reach {string.Join(", ", missed)}: the application's own ConfigureEndpointDefaults "
                + "replaces the one that would have brought it. Call listenOptions.UseConnectTunnel() in there.");
    }

    public Task StartingAsync(CancellationToken cancellationToken)
    {
        _services.CoverHost = true;
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static partial class Log
    {
        [LoggerMessage(3, LogLevel.Warning, "UseConnectTunnel() has no effect: the server is {Server}, and tunnels can be opened on Kestrel's connections only.", EventName = "NotKestrel")]
        public static partial void NotKestrel(ILogger logger, Type server);
    }
}
