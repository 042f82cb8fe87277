using Microsoft.AspNetCore.Http;

namespace KestrelTlsUpgrade.Internal.Http;

/// <summary>
/// The answer to a request in clear text for a resource that requires TLS (RFC 2817 section 4.2). The connection stays open
/// for the upgrade that is to follow.
/// </summary>
internal static class UpgradeRequiredResponse
{
    private const string Explanation =
        "This resource is served over TLS only. Repeat the request with 'Upgrade: TLS/1.2' and 'Connection: Upgrade'"
        + " (RFC 2817), or use https.\n";

    public static Task WriteAsync(HttpContext context)
    {
        var response = context.Response;
        if (!HttpProtocol.IsHttp11(context.Request.Protocol) && !HttpProtocol.IsHttp10(context.Request.Protocol))
        {
            // RFC 9113 section 8.2.2: there is no Upgrade in HTTP/2.
            response.StatusCode = StatusCodes.Status403Forbidden;
        }
        else
        {
            response.StatusCode = StatusCodes.Status426UpgradeRequired;
            response.Headers.Upgrade = "TLS/1.3, TLS/1.2, HTTP/1.1";
            response.Headers.Connection = HttpProtocol.IsHttp10(context.Request.Protocol) ? "close, Upgrade" : "keep-alive, Upgrade";
        }

        response.ContentType = "text/plain; charset=utf-8";
        response.ContentLength = Explanation.Length;
        return response.WriteAsync(Explanation);
    }
}
