using KestrelTlsUpgrade.Connections.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace KestrelTlsUpgrade.Testing;

internal static class ServerClockServiceCollectionExtensions
{
    /// <summary>Sets the clock of our own services, which is not the application's <see cref="TimeProvider"/>.</summary>
    public static IServiceCollection SetServerClock(this IServiceCollection services, TimeProvider time) =>
        services.AddSingleton(new ServerClock(time));
}
