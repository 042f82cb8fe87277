using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace KestrelTlsUpgrade.Internal.Upgrading;

/// <summary>
/// <c>OPTIONS *</c>, the no-op that carries the mandatory upgrade of RFC 2817 section 3.2. It asks about the server and addresses no
/// resource (RFC 9110 section 9.3.7), so it is answered ahead of the application. Without content, because CUPS would read content as the
/// next response.
/// </summary>
internal static class OptionsAsterisk
{
    private const string Methods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

    public static bool IsRequestedBy(HttpContext context) =>
        context.Request.Method is "OPTIONS"
        && context.Features.Get<IHttpRequestFeature>() is { RawTarget: "*" };

    /// <summary>Answers with the methods that the server supports.</summary>
    public static void Answer(HttpResponse response)
    {
        response.Headers.Allow = Methods;
        response.ContentLength = 0;
    }
}
