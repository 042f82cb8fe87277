using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Place = System.Runtime.CompilerServices.StrongBox<System.Func<Microsoft.AspNetCore.Connections.ConnectionDelegate, Microsoft.AspNetCore.Connections.ConnectionDelegate>?>;

namespace KestrelTlsUpgrade.Connections.Endpoints;

/// <summary>
/// A place in front of all connection middleware of the packages, for what has to read a connection first. Endpoint defaults run
/// before an endpoint's own code, and connection middleware in the order in which it is added, so whichever package comes to an
/// endpoint first leaves room for it. An endpoint may be set up in its own code alone, so they know of each other's by the process:
/// services need not be there.
/// </summary>
internal static class OutermostPlace
{
    private static readonly ConditionalWeakTable<ListenOptions, Place> All = Share();

    /// <summary>Leaves room, where none has been left yet.</summary>
    public static void Reserve(ListenOptions endpoint)
    {
        var place = new Place();
        if (All.TryAdd(endpoint, place))
        {
            endpoint.Use(next => place.Value is { } middleware ? middleware(next) : next);
        }
    }

    /// <summary>Puts connection middleware in the place that was left for it, or behind all that the endpoint has.</summary>
    public static void Take(ListenOptions endpoint, Func<ConnectionDelegate, ConnectionDelegate> middleware)
    {
        if (All.TryGetValue(endpoint, out var place))
        {
            place.Value = middleware;
        }
        else
        {
            endpoint.Use(middleware);
        }
    }

    /// <summary>The table that all packages have in common, though each has this class for itself.</summary>
    private static ConditionalWeakTable<ListenOptions, Place> Share()
    {
        const string Key = "KestrelTlsUpgrade.OutermostPlace";

        // The one object that each of them can lock.
        lock (typeof(ListenOptions))
        {
            if (AppContext.GetData(Key) is not ConditionalWeakTable<ListenOptions, Place> places)
            {
                places = [];
                AppContext.SetData(Key, places);
            }

            return places;
        }
    }
}
