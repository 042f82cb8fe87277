using KestrelTlsUpgrade.Internal.Negotiation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace KestrelTlsUpgrade.Internal.Upgrading;

/// <summary>
/// The Connection field of a response with an Upgrade field. If a Connection field is set, Kestrel closes the connection unless it contains
/// <c>keep-alive</c>, and does not add <c>close</c>.
/// </summary>
internal static class ResponseConnection
{
    public static string For(HttpRequest request) => IsToBeKept(request) ? "keep-alive" : "close";

    /// <summary>For a response that leaves the content of its request unread.</summary>
    public static string WithUpgrade(HttpRequest request) => $"{(IsContentAwaited(request) ? "close" : For(request))}, Upgrade";

    /// <summary>Ends the connection after such a response, if the client may never send the content.</summary>
    public static void EndIfContentIsAwaited(HttpContext context)
    {
        if (IsContentAwaited(context.Request))
        {
            context.Response.Headers.Connection = "close";
        }
    }

    /// <summary>
    /// Whether a client waits for 100 (Continue) before it sends content. After another answer it may send the content or leave it out (RFC
    /// 9110 section 10.1.1), so nobody knows where its next request begins.
    /// </summary>
    private static bool IsContentAwaited(HttpRequest request) =>
        HttpProtocol.IsHttp11(request.Protocol)
        && request.Headers.Expect.Count > 0
        && request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: false };

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
