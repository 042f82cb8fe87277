using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace KestrelTlsUpgrade.Connections.Endpoints;

/// <summary>
/// Fails the start-up of a host where a method that is for all of it does not reach a plaintext endpoint: it comes with Kestrel's
/// endpoint defaults, and an application that sets those itself replaces it.
/// </summary>
/// <param name="server">The server.</param>
/// <param name="coverage">What was reached.</param>
/// <param name="method">The name of the method, which endpoints have too.</param>
internal abstract class HostCoverageCheck(IServer server, HostCoverage coverage, string method) : LifecycleService
{
    public sealed override Task StartingAsync(CancellationToken cancellationToken)
    {
        coverage.IsWholeHost = true;
        return Task.CompletedTask;
    }

    public sealed override Task StartedAsync(CancellationToken cancellationToken)
    {
        if (server.GetType().Assembly != typeof(KestrelServerOptions).Assembly)
        {
            WarnOfOther(server.GetType());
            return Task.CompletedTask;
        }

        var missed = coverage.FindMissed(server.Features.Get<IServerAddressesFeature>()?.Addresses ?? []);
        return missed.Length == 0
            ? Task.CompletedTask
            : throw new InvalidOperationException(
                $"{method}() does not reach {string.Join(", ", missed)}: the application's own ConfigureEndpointDefaults "
                + $"replaces the one that would have brought it. Call listenOptions.{method}() in there.");
    }

    /// <summary>Says that the server is not Kestrel, so that the method has no effect.</summary>
    protected abstract void WarnOfOther(Type server);
}
