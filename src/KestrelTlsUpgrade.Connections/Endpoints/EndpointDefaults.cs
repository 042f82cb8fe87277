using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace KestrelTlsUpgrade.Connections.Endpoints;

/// <summary>
/// The packages' endpoint defaults. Kestrel takes one callback only, so each package adds its own to the services, and this class
/// runs them all.
/// </summary>
internal sealed class EndpointDefaults(IEnumerable<EndpointDefaults.Entry> entries) : IConfigureOptions<KestrelServerOptions>
{
    private readonly Entry[] _entries = [.. entries];

    /// <param name="services">The host's services.</param>
    /// <param name="apply">The action to apply to each endpoint.</param>
    /// <param name="isOutermost">
    /// Whether to run before other packages, so that this package's connection middleware is outside of theirs.
    /// </param>
    public static void Add(IServiceCollection services, Action<ListenOptions> apply, bool isOutermost)
    {
        var entry = ServiceDescriptor.Singleton(new Entry(apply));
        if (isOutermost)
        {
            services.Insert(0, entry);
        }
        else
        {
            services.Add(entry);
        }

        // Before the application's own callbacks: an endpoint added there gets only the defaults that are already set.
        if (!services.Any(static service => service.ImplementationType == typeof(EndpointDefaults)))
        {
            services.Insert(0, ServiceDescriptor.Singleton<IConfigureOptions<KestrelServerOptions>, EndpointDefaults>());
        }
    }

    public void Configure(KestrelServerOptions options) => options.ConfigureEndpointDefaults(endpoint =>
    {
        foreach (var entry in _entries)
        {
            entry.Apply(endpoint);
        }
    });

    internal sealed record Entry(Action<ListenOptions> Apply);
}
