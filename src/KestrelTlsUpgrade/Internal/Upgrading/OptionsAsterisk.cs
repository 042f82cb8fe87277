using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace KestrelTlsUpgrade.Internal.Upgrading;

/// <summary>
/// <c>OPTIONS *</c> on an upgraded connection: the no-op that carries the mandatory upgrade of RFC 2817 section 3.2. Answered
/// here where the application has no answer, without content, because CUPS takes any content for the next response.
/// </summary>
internal static class OptionsAsterisk
{
    private const string Methods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

    public static bool IsAskedBy(HttpContext context) =>
        context.Request.Method is "OPTIONS"
        && context.Features.Get<IHttpRequestFeature>() is { RawTarget: "*" };

    /// <summary>
    /// Asks the application first. Routing and its error pages have something to say to every path, so what they say is held
    /// back until it is known to be an answer.
    /// </summary>
    public static async Task AnswerAsync(HttpContext context, RequestDelegate next)
    {
        var response = context.Response;
        using var content = await ResponseCapture.CaptureAsync(context, next);
        if (response.StatusCode is StatusCodes.Status404NotFound or StatusCodes.Status405MethodNotAllowed)
        {
            response.Clear();
            Answer(response);
            return;
        }

        await content.CopyToAsync(response.Body, context.RequestAborted);
    }

    /// <summary>The answer to a request that asks for nothing: what can be asked for.</summary>
    public static void Answer(HttpResponse response)
    {
        response.Headers.Allow = Methods;
        response.ContentLength = 0;
    }
}
