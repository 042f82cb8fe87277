using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace KestrelTlsUpgrade.Connections.Hosting;

/// <summary>
/// A place in front of the connection middleware of all packages, for a middleware that must read a connection first. Endpoint
/// defaults run before an endpoint's own code, and connection middleware runs in the order in which it is added. The first package on
/// an endpoint therefore reserves the place, and a later one can fill it.
/// </summary>
internal sealed class OutermostPlace
{
    /// <summary>Static, because an endpoint configured in code may have no services.</summary>
    private static readonly ConditionalWeakTable<ListenOptions, OutermostPlace> All = [];

    private Func<ConnectionDelegate, ConnectionDelegate>? _middleware;

    private OutermostPlace()
    {
    }

    /// <summary>Reserves the place unless a package has already done so.</summary>
    public static void Reserve(ListenOptions endpoint) => Of(endpoint);

    /// <summary>Puts connection middleware into the place. Without a reserved one, it goes behind all that the endpoint has.</summary>
    public static void Take(ListenOptions endpoint, Func<ConnectionDelegate, ConnectionDelegate> middleware) =>
        Of(endpoint)._middleware = middleware;

    /// <summary>Whether a middleware has the place on the server's endpoint with this address, as Kestrel announces it.</summary>
    public static bool IsTaken(KestrelServerOptions server, string address) => All.Any(pair =>
        pair.Value._middleware is not null && pair.Key.KestrelServerOptions == server && pair.Key.ToString() == address);

    private static OutermostPlace Of(ListenOptions endpoint) => All.GetValue(endpoint, static endpoint =>
    {
        var place = new OutermostPlace();
        endpoint.Use(next => place._middleware is { } middleware ? middleware(next) : next);
        return place;
    });
}
