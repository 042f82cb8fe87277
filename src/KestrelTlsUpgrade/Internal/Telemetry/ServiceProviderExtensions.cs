using KestrelTlsUpgrade.Connections.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace KestrelTlsUpgrade.Internal.Telemetry;

internal static class ServiceProviderExtensions
{
    /// <summary>The clock of <see cref="ServerClock"/>.</summary>
    public static TimeProvider GetServerTime(this IServiceProvider provider) => provider.GetRequiredService<ServerClock>().TimeProvider;
}
