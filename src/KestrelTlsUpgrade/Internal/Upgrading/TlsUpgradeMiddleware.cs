using System.Text;
using KestrelTlsUpgrade.Connections.Hosting;
using KestrelTlsUpgrade.Internal.Middleware;
using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Internal.Plaintext;
using KestrelTlsUpgrade.Internal.Requiring;
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
internal sealed class TlsUpgradeMiddleware(
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
        var offer = FindOffer(context, connection, phase, out var reason);
        if (offer is null)
        {
            if (reason is not DeclineReason.None)
            {
                observers.OfferDeclined(context, reason);
            }

            return next(context);
        }

        if (!offer.DependsOnCode && offer.WaitsForResource())
        {
            offer.Defer();
            return next(context);
        }

        return JudgeAsync(context, offer);
    }

    private async Task JudgeAsync(HttpContext context, AcceptableOffer offer)
    {
        if (offer.DependsOnCode && !await offer.IsAcceptedByCodeAsync())
        {
            offer.Decline(DeclineReason.ByCode);
        }
        else if ((offer.DependsOnCode && offer.WaitsForResource()) || await offer.WaitsByOthersAsync())
        {
            offer.Defer();
        }
        else if (await offer.TryAcceptAsync())
        {
            return;
        }

        await next(context);
    }

    private AcceptableOffer? FindOffer(
        HttpContext context, UpgradeConnection connection, PlaintextConnection phase, out DeclineReason reason)
    {
        var offer = UpgradeOffer.Of(context.Request.Headers.Upgrade);
        reason = DeclineReason.None;
        if (!offer.HasTls)
        {
            return null;
        }

        if (connection.CurrentSettings is not { } settings)
        {
            reason = DeclineReason.NoneAccepted;
            return null;
        }

        var token = UpgradeToken.None;
        reason = !IsUpgradable(context) ? DeclineReason.NotUpgradable
            : !settings.Policy.AllowBehindProxy && Intermediary.IsShownBy(context.Request.Headers) ? DeclineReason.BehindProxy
            : settings.Policy.Judge(offer, context.Request.Host.Host, out token);
        if (reason is not DeclineReason.None)
        {
            return null;
        }

        if (settings.Policy.OffersFrom?.Admits(connection.Context.RemoteEndPoint, FindUserAgent(context.Request)) is false)
        {
            reason = DeclineReason.CallerExcluded;
            return null;
        }

        var offeredAt = clock.TimeProvider.GetTimestamp();
        var limits = settings.Policy.Limits;
        var head = ReadHead(context);

        // The head fitted in clear text, but lines that ended with a bare line feed have grown.
        if (head.Length > limits.MaxRequestHeadersTotalSize || head.Span.IndexOf((byte)'\n') >= limits.MaxRequestLineSize)
        {
            reason = DeclineReason.LimitReached;
            return null;
        }

        var request = new UpgradeRequest(token, context.Request.Host.Host, head, isFirst: false, offer.IsHinted)
        {
            OfferedAt = offeredAt,
            Span = RequestTelemetry.FindSpan(context)?.Context ?? default,
        };
        return new(context, connection, phase, settings, request, observers, _logger);
    }

    private static string FindUserAgent(HttpRequest request) => request.Headers.UserAgent is [{ } first, ..] ? first : "";

    /// <summary>
    /// Kestrel treats more requests as upgradable than RFC 9110 section 7.8 allows, so this check is stricter. It also excludes requests
    /// with content, which could straddle the switch. Methods are case-sensitive, unlike in HttpMethods.
    /// </summary>
    private static bool IsUpgradable(HttpContext context) =>
        HttpProtocol.IsHttp11(context.Request.Protocol)
        && UpgradableMethods.Contains(context.Request.Method)
        && !IsForHttps(context)
        && context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true };

    /// <summary>
    /// Whether the target is an https URI. Such a request is valid only on a connection that was secured for it before (RFC 9110 section
    /// 7.4), and Kestrel or the application judges it as without the offer.
    /// </summary>
    private static bool IsForHttps(HttpContext context) =>
        context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.StartsWith("https:", StringComparison.OrdinalIgnoreCase);

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
}
