using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace JsonApi.Administration;

/// <summary>
/// Marks the connections of the endpoint <c>Administration</c>, so that a request tells where it came in. Its <c>Host</c> does
/// not: a client writes there what it likes.
/// </summary>
internal sealed class AdministrationEndpoint
{
    private static readonly AdministrationEndpoint Feature = new();

    private AdministrationEndpoint()
    {
    }

    public static void Mark(KestrelServerOptions kestrel) =>
        kestrel.ConfigurationLoader!.Endpoint("Administration", static endpoint => endpoint.ListenOptions.Use(Mark));

    public static bool IsUsedBy(HttpContext context) => context.Features.Get<AdministrationEndpoint>() is not null;

    private static ConnectionDelegate Mark(ConnectionDelegate next) => connection =>
    {
        connection.Features.Set(Feature);
        return next(connection);
    };
}
