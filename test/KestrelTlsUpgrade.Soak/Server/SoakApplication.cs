using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace KestrelTlsUpgrade.Soak.Server;

/// <summary>Sends contents, or says the hashes of those that it gets.</summary>
internal sealed class SoakApplication(ServerActivity activity)
{
    /// <summary>The field that says how the request arrived.</summary>
    public const string Arrival = "X-Arrival";

    /// <summary>The field of a request that is to be in flight when the server stops.</summary>
    public const string Hold = "X-Hold";

    public async Task HandleAsync(HttpContext context)
    {
        activity.Touch();
        if (!Exchange.TryParse(context.Request.Method, context.Request.Path.Value!, out var exchange))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        activity.Begin();
        var upgrade = context.Features.Get<ITlsUpgradeFeature>();
        context.Response.Headers[Arrival] = upgrade is { IsReplayedRequest: true } ? "Replayed" : upgrade?.State.ToString();
        if (activity.IsDraining)
        {
            context.Response.Headers.Connection = "close";
            if (context.Request.Protocol is "HTTP/2")
            {
                context.Features.Get<IConnectionLifetimeNotificationFeature>()!.RequestClose();
            }
        }

        context.Response.ContentLength = exchange.IsChunked ? null : exchange.IsUpload ? SHA256.HashSizeInBytes * 2 : exchange.Length;
        if (context.Request.Headers.ContainsKey(Hold))
        {
            await context.Response.StartAsync(context.RequestAborted);
            await activity.HoldAsync();
        }

        await (exchange.IsUpload ? ReceiveAsync(context) : SendAsync(context, exchange));
        activity.Finish();
    }

    private static async Task SendAsync(HttpContext context, Exchange exchange)
    {
        foreach (var block in exchange.Content)
        {
            await context.Response.Body.WriteAsync(block, context.RequestAborted);
        }
    }

    private static async Task ReceiveAsync(HttpContext context) =>
        await context.Response.WriteAsync(
            Convert.ToHexString(await SHA256.HashDataAsync(context.Request.Body, context.RequestAborted)), Encoding.ASCII, context.RequestAborted);
}
