using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace KestrelTlsUpgrade.Connections.Hosting;

internal static class ServerExtensions
{
    /// <summary>Whether the server is Kestrel. A library may have wrapped it, but passes its features on.</summary>
    public static bool IsKestrel(this IServer server) => IsOfKestrel(server) || IsOfKestrel(server.Features.Get<IServerAddressesFeature>());

    private static bool IsOfKestrel(object? part) => part?.GetType().Assembly == typeof(KestrelServerOptions).Assembly;
}
