using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace KestrelTlsUpgrade.Connections.Hosting;

/// <summary>
/// Fails the start-up if a host-wide method does not reach an endpoint that it is for. Such a method uses Kestrel's endpoint defaults,
/// and an application that sets its own replaces them.
/// </summary>
/// <param name="server">The server.</param>
/// <param name="coverage">The endpoints that were reached.</param>
/// <param name="method">The name of the method, which is also that of the method for one endpoint.</param>
internal abstract class HostCoverageCheck(IServer server, HostCoverage coverage, string method) : LifecycleService
{
    public sealed override Task StartingAsync(CancellationToken cancellationToken)
    {
        coverage.IsWholeHost = true;
        return Task.CompletedTask;
    }

    public sealed override Task StartedAsync(CancellationToken cancellationToken)
    {
        if (!server.IsKestrel())
        {
            WarnOfOther(server.GetType());
            return Task.CompletedTask;
        }

        var missed = coverage.FindMissed((server.Features.Get<IServerAddressesFeature>()?.Addresses ?? []).Where(Includes));
        if (missed.Length > 0)
        {
            throw new InvalidOperationException(
                $"{method}() does not reach {string.Join(", ", missed)}: the application's own ConfigureEndpointDefaults "
                + $"replaces the one that would have brought it. Call listenOptions.{method}() in there.");
        }

        if (coverage.FindSkippedIfAll() is { Count: > 0 } skipped)
        {
            WarnOfNone(skipped);
        }

        return Task.CompletedTask;
    }

    /// <summary>Whether the method is for an endpoint with this address. By default it is for every plaintext endpoint.</summary>
    protected virtual bool Includes(string address) => address.StartsWith("http://", StringComparison.Ordinal);

    /// <summary>Warns that the server is not Kestrel, so that the method has no effect.</summary>
    protected abstract void WarnOfOther(Type server);

    /// <summary>Says that every endpoint was skipped, so that the method has no effect.</summary>
    /// <param name="skipped">The endpoints, with the reasons.</param>
    protected abstract void WarnOfNone(IReadOnlyList<KeyValuePair<ListenOptions, string>> skipped);

    protected static string Describe(IEnumerable<KeyValuePair<ListenOptions, string>> skipped) =>
        string.Join("; ", skipped.Select(static pair => $"{pair.Key}: {pair.Value}"));
}
