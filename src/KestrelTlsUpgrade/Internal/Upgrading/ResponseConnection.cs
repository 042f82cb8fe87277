using KestrelTlsUpgrade.Internal.Negotiation;
using Microsoft.AspNetCore.Http;

namespace KestrelTlsUpgrade.Internal.Upgrading;

/// <summary>
/// The Connection field of a response that has an Upgrade field. Kestrel closes the connection unless a Connection field
/// that is set says <c>keep-alive</c>, and adds no <c>close</c> of its own to it.
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
