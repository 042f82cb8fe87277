using System.Text;
using KestrelTlsUpgrade.Connections.Hosting;
using KestrelTlsUpgrade.Internal.Middleware;
using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Internal.Plaintext;
using KestrelTlsUpgrade.Internal.Requiring;
using KestrelTlsUpgrade.Internal.Settings;
using KestrelTlsUpgrade.Internal.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace KestrelTlsUpgrade.Internal.Upgrading;

/// <summary>
/// Runs first in the HTTP pipeline. Accepts the upgrades that the connection middleware did not: on later requests, and on first requests
/// that it left to Kestrel.
/// </summary>
internal sealed partial class TlsUpgradeMiddleware(
    RequestDelegate next,
    IOptions<KestrelServerOptions> server,
    RequestTelemetry telemetry,
    ForwardedScheme forwarded,
    TlsUpgradeObservers observers,
    ServerClock clock,
    ILoggerFactory loggers)
{
    private readonly SecuredRequests _secured = new(next, observers);
    private readonly ILogger _logger = loggers.CreateLogger(LogCategories.Http);

    public Task InvokeAsync(HttpContext context)
    {
        if (telemetry.IsActive)
        {
            telemetry.Report(context);
        }

        if (!context.Request.IsHttps)
        {
            forwarded.Note(context);
        }

        // Decided by the connection: forwarded headers may have changed the request's scheme.
        var connection = UpgradeConnection.Of(context.Features);
        return connection?.Plaintext is { } phase
            ? InvokePlaintextAsync(context, connection, phase)
            : connection is null ? next(context)
            : _secured.InvokeAsync(context, connection);
    }

    private Task InvokePlaintextAsync(HttpContext context, UpgradeConnection connection, PlaintextConnection phase)
    {
        if (context.Request.IsHttps)
        {
            return next(context);
        }

        Advertisement.AddTo(context, connection);
        return context.Request.Headers.Upgrade.Count > 0 ? InvokeOfferedAsync(context, connection, phase) : next(context);
    }

    private Task InvokeOfferedAsync(HttpContext context, UpgradeConnection connection, PlaintextConnection phase)
    {
        var token = UpgradeToken.None;
        var offer = default(UpgradeOffer);
        if (connection.CurrentSettings is not { } settings || (token = SelectToken(context, settings.Policy, ref offer)) is UpgradeToken.None)
        {
            return next(context);
        }

        return SwitchAsync(context, connection, phase, settings, token, offer.IsHinted);
    }

    /// <summary>
    /// Selects the token. Kestrel treats more requests as upgradable than RFC 9110 section 7.8 allows, so this check is stricter. It also
    /// excludes requests with content, which could straddle the switch. Methods are case-sensitive, unlike in HttpMethods.
    /// </summary>
    private static UpgradeToken SelectToken(HttpContext context, UpgradePolicy policy, ref UpgradeOffer offer)
    {
        var request = context.Request;
        if (!HttpProtocol.IsHttp11(request.Protocol)
            || !UpgradableMethods.Contains(request.Method)
            || IsForHttps(context)
            || context.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true }
            || (!policy.AllowBehindProxy && Intermediary.IsShownBy(request.Headers)))
        {
            return UpgradeToken.None;
        }

        foreach (var line in request.Headers.Upgrade)
        {
            offer.Add(line);
        }

        return policy.Select(offer, request.Host.Host);
    }

    /// <summary>
    /// Whether the target is an https URI. Such a request is valid only on a connection that was secured for it before (RFC 9110 section
    /// 7.4), and Kestrel or the application judges it as without the offer.
    /// </summary>
    private static bool IsForHttps(HttpContext context) =>
        context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.StartsWith("https:", StringComparison.OrdinalIgnoreCase);

    private async Task SwitchAsync(
        HttpContext context, UpgradeConnection connection, PlaintextConnection phase, SettingsSnapshot settings, UpgradeToken token, bool isHinted)
    {
        var limits = settings.Policy.Limits;
        var offeredAt = clock.TimeProvider.GetTimestamp();
        var head = ReadHead(context);
        if (head.Length > limits.MaxRequestHeadersTotalSize
            || head.Span.IndexOf((byte)'\n') >= limits.MaxRequestLineSize)
        {
            // The head fitted in clear text but is too long for the replay: lines that ended with a bare line feed have grown.
            await next(context);
            return;
        }

        if (phase.HasReadAhead())
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            context.Response.Headers.Connection = "close";
            Log.ReadAhead(_logger, context.Connection.Id);
            return;
        }

        connection.Accept(
            new UpgradeRequest(token, context.Request.Host.Host, head, isFirst: false, isHinted)
            {
                OfferedAt = offeredAt,
                Span = RequestTelemetry.FindSpan(context)?.Context ?? default,
            },
            settings);
        context.Response.Headers.Upgrade = SwitchingProtocols.FieldValue(token);
        try
        {
            // Kestrel's HTTP loop ends with this request, and the connection middleware goes on with TLS.
            await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
            RequestTelemetry.MarkSwitched(context);
        }
        catch (InvalidOperationException) when (!context.Response.HasStarted)
        {
            // Limits.MaxConcurrentUpgradedConnections is reached. A server may decline an offer.
            connection.ForgetUpgrade();
            context.Response.Headers.Remove("Upgrade");
            Log.DeclinedByLimit(_logger, context.Connection.Id);
            await next(context);
        }
    }

    private ReadOnlyMemory<byte> ReadHead(HttpContext context)
    {
        var request = context.Features.GetRequiredFeature<IHttpRequestFeature>();
        var head = new ReplayHead(request.Method, request.RawTarget);
        foreach (var (name, values) in request.Headers)
        {
            if (telemetry.Writes(name))
            {
                continue;
            }

            var encoding = server.Value.RequestHeaderEncodingSelector(name) ?? Encoding.UTF8;
            foreach (var value in values)
            {
                head.AddField(name, value, encoding);
            }
        }

        return head.Complete();
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "Connection {ConnectionId} was not upgraded to TLS: Limits.MaxConcurrentUpgradedConnections has been reached.", EventName = "DeclinedByLimit")]
        public static partial void DeclinedByLimit(ILogger logger, string connectionId);

        [LoggerMessage(2, LogLevel.Debug, "Connection {ConnectionId} was not upgraded to TLS: the client sent data before the response, and a connection middleware has read it.", EventName = "ReadAhead")]
        public static partial void ReadAhead(ILogger logger, string connectionId);
    }
}
