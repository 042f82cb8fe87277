using System.Security.Cryptography;
using System.Text.Json;
using KestrelTlsUpgrade.Internal.Requiring;
using KestrelTlsUpgrade.Report.Internal.Collecting;
using KestrelTlsUpgrade.Report.Internal.Content;
using KestrelTlsUpgrade.Report.Internal.Keeping;
using KestrelTlsUpgrade.Report.Internal.Page;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.Report.Internal;

/// <summary>Answers requests for the report.</summary>
internal sealed partial class ReportEndpoint(
    ReportCollector collector, ReportSource source, AddressAccess addresses, ReportKeeper keeper, IHostEnvironment environment, ILoggerFactory loggers)
{
    private readonly ILogger _logger = loggers.CreateLogger("KestrelTlsUpgrade.Report");

    private int _isTold;

    /// <summary>Starts collecting.</summary>
    public void Start()
    {
        collector.Start();
        keeper.Load();
    }

    /// <summary>Warns, once, of a report that nobody can see.</summary>
    public void Check(EndpointBuilder endpoint)
    {
        if (!environment.IsDevelopment() && !ReportAccess.IsGuarded(endpoint.Metadata) && Interlocked.Exchange(ref _isTold, 1) == 0)
        {
            Log.ReportNotOpen(_logger, endpoint.DisplayName);
        }
    }

    public Task AnswerAsync(HttpContext context)
    {
        var response = context.Response;
        if (!ReportAccess.IsOpen(context, environment))
        {
            // As if the report were not mapped, whatever the method.
            response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        if (context.Request.Method is not ("GET" or "HEAD"))
        {
            response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            response.Headers.Allow = "GET, HEAD";
            return Task.CompletedTask;
        }

        collector.TakeBack(context);
        var headers = response.Headers;
        headers.CacheControl = "no-store";
        headers.Vary = "Accept";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        return SendReportAsync(context);
    }

    private async Task SendReportAsync(HttpContext context)
    {
        var report = source.Read(await addresses.IsGrantedAsync(context));
        await SendAsync(context, IsHtml(context.Request) ? Render(context.Response, report) : Serialize(context.Response, report));
    }

    private static bool IsHtml(HttpRequest request) => request.Query["format"] switch
    {
        ["json"] => false,
        ["html"] => true,
        _ => AcceptHeader.IsHtml(request),
    };

    private static byte[] Render(HttpResponse response, ReportContent report)
    {
        // The policy allows only the script and the style of this response.
        var nonce = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        response.ContentType = "text/html; charset=utf-8";
        response.Headers.ContentSecurityPolicy =
            $"default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; connect-src 'self'; img-src data:; "
            + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        return ReportPage.Render(report, nonce);
    }

    private static byte[] Serialize(HttpResponse response, ReportContent report)
    {
        response.ContentType = "application/json; charset=utf-8";
        response.Headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
        return JsonSerializer.SerializeToUtf8Bytes(report, ReportJsonContext.Default.ReportContent);
    }

    private static Task SendAsync(HttpContext context, byte[] content)
    {
        context.Response.ContentLength = content.Length;
        return context.Request.Method is "HEAD"
            ? Task.CompletedTask
            : context.Response.Body.WriteAsync(content, context.RequestAborted).AsTask();
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The report {Endpoint} answers 404: outside Development it is shown to those only whom a policy lets in. Call RequireAuthorization() on it.", EventName = "ReportNotOpen")]
        public static partial void ReportNotOpen(ILogger logger, string? endpoint);
    }
}
