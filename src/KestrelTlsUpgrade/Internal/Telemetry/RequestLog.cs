using System.Net;
using KestrelTlsUpgrade.Connections;
using KestrelTlsUpgrade.Internal.Requiring;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.Internal.Telemetry;

/// <summary>Logs refused requests. Paths are omitted because they may contain sensitive data.</summary>
internal sealed partial class RequestLog(CallerLogLimiter limiter, ILoggerFactory loggers)
    : ITlsUpgradeObserver
{
    private readonly ILogger _logger = loggers.CreateLogger(LogCategories.Requests);

    public void RequestRefused(HttpContext context, int statusCode)
    {
        switch (statusCode)
        {
            case StatusCodes.Status307TemporaryRedirect:
                Log.Redirected(_logger, context.Connection.Id, context.TraceIdentifier);
                break;

            case StatusCodes.Status421MisdirectedRequest:
                Log.Misdirected(_logger, context.Connection.Id, context.TraceIdentifier);
                break;

            default:
                Log.TlsRequired(_logger, context.Connection.Id, context.TraceIdentifier, statusCode);
                WriteForwardedScheme(context);
                break;
        }
    }

    public void RequestTolerated(HttpContext context, int statusCode)
    {
        if (limiter.Admits(_logger, LogLevel.Information, FindCaller(context)))
        {
            Log.Tolerated(_logger, context.Connection.Id, context.TraceIdentifier, RequestedResource.FindRoute(context));
        }
    }

    private static IPEndPoint? FindCaller(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } address ? new(address, context.Connection.RemotePort) : null;

    /// <summary>Somebody has to change the application, if the request came through its proxy.</summary>
    private void WriteForwardedScheme(HttpContext context)
    {
        if (ForwardedScheme.IsHttpsReported(context)
            && limiter.Admits(_logger, LogLevel.Information, ForwardedScheme.FindSender(context)))
        {
            Log.ForwardedSchemeNotApplied(_logger, context.Connection.Id, context.TraceIdentifier);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "Connection {ConnectionId}, request {TraceIdentifier}: the resource requires TLS, but the request was plaintext. Answered with {StatusCode}.", EventName = "TlsRequired")]
        public static partial void TlsRequired(ILogger logger, string connectionId, string traceIdentifier, int statusCode);

        [LoggerMessage(2, LogLevel.Debug, "Connection {ConnectionId}, request {TraceIdentifier}: the resource requires TLS, but a browser's request was plaintext. Redirected to https.", EventName = "RedirectedToHttps")]
        public static partial void Redirected(ILogger logger, string connectionId, string traceIdentifier);

        [LoggerMessage(4, LogLevel.Information, "Connection {ConnectionId}, request {TraceIdentifier}: it was refused because the resource requires TLS, although its X-Forwarded-Proto is https. If a proxy of yours sent it, the application must apply it: call UseForwardedHeaders(), and name the proxy in KnownProxies or KnownIPNetworks with services.Configure<ForwardedHeadersOptions>(). Routing cannot see options that are passed to UseForwardedHeaders(options); if those name the proxy, call UseRouting(), UseAuthentication() and UseAuthorization() after it.", EventName = "ForwardedSchemeNotApplied")]
        public static partial void ForwardedSchemeNotApplied(ILogger logger, string connectionId, string traceIdentifier);

        [LoggerMessage(5, LogLevel.Information, "Connection {ConnectionId}, request {TraceIdentifier}: the resource '{Route}' requires TLS, but the request was plaintext. It was served because Requirement = ReportOnly; Enforce would refuse it.", EventName = "TlsRequirementReported")]
        public static partial void Tolerated(ILogger logger, string connectionId, string traceIdentifier, string route);

        [LoggerMessage(3, LogLevel.Debug, "Connection {ConnectionId}, request {TraceIdentifier}: its https target or host has different TLS requirements than this connection. Answered with 421; the client can retry on another connection.", EventName = "Misdirected")]
        public static partial void Misdirected(ILogger logger, string connectionId, string traceIdentifier);
    }
}
