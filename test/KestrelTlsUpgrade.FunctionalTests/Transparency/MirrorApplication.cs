using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace KestrelTlsUpgrade.FunctionalTests.Transparency;

/// <summary>Answers with all that it sees of a request, so that every difference shows.</summary>
internal static class MirrorApplication
{
    /// <summary>How many bytes an accepted upgrade of the application's own echoes before the connection ends.</summary>
    public const int EchoLength = 5;

    public static void Map(WebApplication app) => app.Run(context => context.Request.Path.Value switch
    {
        "/unread" => AnswerAsync(context, "unread"),
        "/flush" => FlushAsync(context),
        "/early" => AnswerEarlyAsync(context),
        "/accept" => AcceptAsync(context),
        "/abort" => AbortAsync(context),
        "/fail" => throw new InvalidTimeZoneException(),
        _ => MirrorAsync(context),
    });

    private static async Task MirrorAsync(HttpContext context)
    {
        var request = context.Request;
        var seen = new StringBuilder();
        seen.Append(CultureInfo.InvariantCulture, $"{request.Method} {request.Protocol} {request.Scheme}\n");
        seen.Append(CultureInfo.InvariantCulture, $"raw={context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget}\n");
        seen.Append(CultureInfo.InvariantCulture, $"path={request.Path} base={request.PathBase} query={request.QueryString}\n");
        seen.Append(CultureInfo.InvariantCulture, $"host={request.Host} type={request.ContentType} length={request.ContentLength}\n");
        seen.Append(CultureInfo.InvariantCulture, $"upgradable={context.Features.Get<IHttpUpgradeFeature>()?.IsUpgradableRequest}\n");
        seen.Append(CultureInfo.InvariantCulture, $"content={context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody}\n");
        AppendFields(seen, request.Headers);
        seen.Append(await ReadContentAsync(request)).Append('\n');
        if (context.Features.Get<IHttpRequestTrailersFeature>() is { Available: true } trailers)
        {
            AppendFields(seen.Append("trailers\n"), trailers.Trailers);
        }

        await AnswerAsync(context, seen.ToString());
    }

    private static void AppendFields(StringBuilder seen, IHeaderDictionary fields)
    {
        foreach (var (name, values) in fields.OrderBy(field => field.Key, StringComparer.Ordinal))
        {
            seen.Append(name).Append(": ").AppendJoin('|', values.AsEnumerable()).Append('\n');
        }
    }

    private static async Task<string> ReadContentAsync(HttpRequest request)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[16 * 1024];
        var length = 0;
        int count;
        while ((count = await request.Body.ReadAsync(buffer)) > 0)
        {
            hash.AppendData(buffer, 0, count);
            length += count;
        }

        return $"{length} {Convert.ToHexString(hash.GetHashAndReset())}";
    }

    /// <summary>With a Content-Length: where chunks end would depend on the room that is left in Kestrel's buffers.</summary>
    private static async Task AnswerAsync(HttpContext context, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes);
    }

    private static async Task FlushAsync(HttpContext context)
    {
        for (var part = 0; part < 3; part++)
        {
            await context.Response.WriteAsync($"part {part}");
            await context.Response.Body.FlushAsync();
        }
    }

    private static async Task AnswerEarlyAsync(HttpContext context)
    {
        await context.Response.WriteAsync("early");
        await context.Response.Body.FlushAsync();
        await context.Response.WriteAsync(await ReadContentAsync(context.Request));
    }

    private static async Task AcceptAsync(HttpContext context)
    {
        var feature = context.Features.GetRequiredFeature<IHttpUpgradeFeature>();
        if (!feature.IsUpgradableRequest)
        {
            await MirrorAsync(context);
            return;
        }

        context.Response.Headers.Upgrade = "mirror";
        var stream = await feature.UpgradeAsync();
        var echo = new byte[EchoLength];
        await stream.ReadExactlyAsync(echo);
        await stream.WriteAsync(echo);
    }

    private static Task AbortAsync(HttpContext context)
    {
        context.Abort();
        return Task.CompletedTask;
    }
}
