using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;

namespace KestrelTlsUpgrade.Internal.Requiring;

/// <summary>Holds back the content of a response, so that its length is known before it is sent.</summary>
internal static class HeldResponse
{
    /// <summary>Far more than a problem needs, and little enough for a client that does not read. More is held in a temporary file.</summary>
    public const int MaxInMemory = 64 * 1024;

    /// <summary>Runs a delegate that writes the content, and sends it with its length.</summary>
    /// <param name="context">The request.</param>
    /// <param name="write">Writes the content.</param>
    /// <param name="begin">Sets the last fields, when the response is about to begin.</param>
    public static async Task SendAsync(HttpContext context, RequestDelegate write, Action<HttpContext> begin)
    {
        var feature = context.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        await using var content = new FileBufferingWriteStream(MaxInMemory);
        context.Response.Body = content;
        try
        {
            await write(context);
            await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
        }
        finally
        {
            context.Features.Set(feature);
        }

        begin(context);
        context.Response.ContentLength = content.Length;

        // A response to HEAD has no content.
        if (context.Request.Method is not "HEAD")
        {
            await content.DrainBufferAsync(context.Response.Body, context.RequestAborted);
        }
    }
}
