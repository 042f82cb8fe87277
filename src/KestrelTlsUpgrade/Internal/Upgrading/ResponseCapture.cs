using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace KestrelTlsUpgrade.Internal.Upgrading;

/// <summary>Buffers response content, so that its length is known before it is sent, or it can be replaced.</summary>
internal static class ResponseCapture
{
    /// <summary>
    /// Runs a delegate that writes a response, and returns the content instead of sending it. The caller disposes the stream.
    /// </summary>
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
