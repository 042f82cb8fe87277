using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Place = System.Runtime.CompilerServices.StrongBox<System.Func<Microsoft.AspNetCore.Connections.ConnectionDelegate, Microsoft.AspNetCore.Connections.ConnectionDelegate>?>;

namespace KestrelTlsUpgrade.Internal.Hosting;

/// <summary>
/// A place in front of all connection middleware of the packages, for what has to read a connection first. Endpoint defaults run
/// before an endpoint's own code, and connection middleware in the order in which it is added, so whichever package comes to an
/// endpoint first leaves room for it. They know of each other's endpoints by the services, under a key that all of them know.
/// </summary>
internal static class OutermostPlace
{
    private const string Key = "KestrelTlsUpgrade.OutermostPlace";

    public static void AddServices(IServiceCollection services) =>
        services.TryAddKeyedSingleton<ConditionalWeakTable<ListenOptions, Place>>(Key);

    /// <summary>Leaves room, where none has been left yet, and where there are services to note it in.</summary>
    public static void Reserve(ListenOptions endpoint)
    {
        if (Find(endpoint) is not { } places || places.TryGetValue(endpoint, out _))
        {
            return;
        }

        var place = new Place();
        places.Add(endpoint, place);
        endpoint.Use(next => place.Value is { } middleware ? middleware(next) : next);
    }

    /// <summary>Puts connection middleware in the place that was left for it, or behind all that the endpoint has.</summary>
    public static void Take(ListenOptions endpoint, Func<ConnectionDelegate, ConnectionDelegate> middleware)
    {
        if (Find(endpoint) is { } places && places.TryGetValue(endpoint, out var place))
        {
            place.Value = middleware;
        }
        else
        {
            endpoint.Use(middleware);
        }
    }

    private static ConditionalWeakTable<ListenOptions, Place>? Find(ListenOptions endpoint) =>
        (endpoint.ApplicationServices as IKeyedServiceProvider)?.GetKeyedService<ConditionalWeakTable<ListenOptions, Place>>(Key);
}
