using KestrelTlsUpgrade.Internal.Negotiation;
using Microsoft.AspNetCore.Http;

namespace KestrelTlsUpgrade.Internal.Upgrading;

/// <summary>
/// The Connection field of a response with an Upgrade field. If a Connection field is set, Kestrel closes the connection unless it contains
/// <c>keep-alive</c>, and does not add <c>close</c>.
/// </summary>
internal static class ResponseConnection
{
    public static string For(HttpRequest request) => IsToBeKept(request) ? "keep-alive" : "close";

    public static string WithUpgrade(HttpRequest request) => $"{For(request)}, Upgrade";

    private static bool IsToBeKept(HttpRequest request)
    {
        if (!HttpProtocol.IsHttp11(request.Protocol))
        {
            return false;
        }

        foreach (var line in request.Headers.Connection)
        {
            if (ConnectionOptions.HasClose(line))
            {
                return false;
            }
        }

        return true;
    }
}
