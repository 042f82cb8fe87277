using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.Internal.Telemetry;

/// <summary>Logs refused requests. Paths are omitted because they may contain sensitive data.</summary>
internal sealed partial class RequestLog(ILoggerFactory loggers) : ITlsUpgradeObserver
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
                break;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "Connection {ConnectionId}, request {TraceIdentifier}: the resource requires TLS, but the request was plaintext. Answered with {StatusCode}.", EventName = "TlsRequired")]
        public static partial void TlsRequired(ILogger logger, string connectionId, string traceIdentifier, int statusCode);

        [LoggerMessage(2, LogLevel.Debug, "Connection {ConnectionId}, request {TraceIdentifier}: the resource requires TLS, but a browser's request was plaintext. Redirected to https.", EventName = "RedirectedToHttps")]
        public static partial void Redirected(ILogger logger, string connectionId, string traceIdentifier);

        [LoggerMessage(3, LogLevel.Debug, "Connection {ConnectionId}, request {TraceIdentifier}: its https target or host has different TLS requirements than this connection. Answered with 421; the client can retry on another connection.", EventName = "Misdirected")]
        public static partial void Misdirected(ILogger logger, string connectionId, string traceIdentifier);
    }
}
