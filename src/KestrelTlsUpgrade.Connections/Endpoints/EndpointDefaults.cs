using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace KestrelTlsUpgrade.Connections.Endpoints;

/// <summary>
/// What is done to every endpoint of a host. Kestrel has room for one callback only, and each package wants to have its say:
/// each adds its own to the services, under a key that all of them know, and whoever comes to Kestrel runs them all.
/// </summary>
internal static class EndpointDefaults
{
    private const string Key = "KestrelTlsUpgrade.EndpointDefaults";

    /// <param name="services">The host's services.</param>
    /// <param name="apply">What is done.</param>
    /// <param name="isOutermost">Whether it goes before that of other packages, so that its connection middleware is outside of theirs.</param>
    public static void Add(IServiceCollection services, Action<ListenOptions> apply, bool isOutermost)
    {
        var descriptor = ServiceDescriptor.KeyedSingleton(Key, apply);
        if (isOutermost)
        {
            services.Insert(0, descriptor);
        }
        else
        {
            services.Add(descriptor);
        }

        // Before the application's own callbacks: endpoints that they add get the defaults that are set by then.
        services.Insert(0, ServiceDescriptor.Singleton<IConfigureOptions<KestrelServerOptions>>(
            static provider => new ConfigureOptions<KestrelServerOptions>(server =>
            {
                Action<ListenOptions>[] all = [.. provider.GetKeyedServices<Action<ListenOptions>>(Key)];
                server.ConfigureEndpointDefaults(endpoint => Array.ForEach(all, apply => apply(endpoint)));
            })));
    }
}
