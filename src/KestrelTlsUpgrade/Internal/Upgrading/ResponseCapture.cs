using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace KestrelTlsUpgrade.Internal.Upgrading;

/// <summary>Content that is held back until all of it is there, so that the response can tell its length, or be another one.</summary>
internal static class ResponseCapture
{
    /// <summary>Runs what writes a response, and returns the content instead of sending it. The caller disposes of that.</summary>
    public static async Task<MemoryStream> CaptureAsync(HttpContext context, RequestDelegate write)
    {
        var body = context.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        var content = new MemoryStream();
        context.Response.Body = content;
        try
        {
            await write(context);
            await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
        }
        catch
        {
            await content.DisposeAsync();
            throw;
        }
        finally
        {
            context.Features.Set(body);
        }

        content.Position = 0;
        return content;
    }
}
