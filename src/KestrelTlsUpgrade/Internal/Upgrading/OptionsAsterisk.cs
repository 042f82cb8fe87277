using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace KestrelTlsUpgrade.Internal.Upgrading;

/// <summary>
/// <c>OPTIONS *</c>, the no-op that carries the mandatory upgrade of RFC 2817 section 3.2. Answered here if the application does not answer
/// it. Without content, because CUPS would read content as the next response.
/// </summary>
internal static class OptionsAsterisk
{
    private const string Methods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

    public static bool IsRequestedBy(HttpContext context) =>
        context.Request.Method is "OPTIONS"
        && context.Features.Get<IHttpRequestFeature>() is { RawTarget: "*" };

    /// <summary>
    /// Lets the application answer first. Routing and error pages respond to every path, so their response is buffered until its status
    /// shows whether it is an answer.
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

    /// <summary>Answers with the methods that the server supports.</summary>
    public static void Answer(HttpResponse response)
    {
        response.Headers.Allow = Methods;
        response.ContentLength = 0;
    }
}
