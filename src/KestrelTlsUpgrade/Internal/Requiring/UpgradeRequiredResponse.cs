using KestrelTlsUpgrade.Internal.Middleware;
using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Internal.Telemetry;
using KestrelTlsUpgrade.Internal.Upgrading;
using KestrelTlsUpgrade.Internal.Versions;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;

namespace KestrelTlsUpgrade.Internal.Requiring;

/// <summary>
/// The response to a plaintext request for a resource that requires TLS (RFC 2817 section 4.2). The connection stays open for the upgrade.
/// Browsers, which cannot upgrade, are redirected to https.
/// </summary>
internal static class UpgradeRequiredResponse
{
    /// <summary>Used if the endpoint does not upgrade: a 426 must have an Upgrade field (RFC 9110 section 15.5.22).</summary>
    private static readonly string DefaultTokens = UpgradeTokenText.FormatList(TlsVersion.Recommended);

    /// <summary>Accepts the request's offer if it has one, and refuses the request otherwise.</summary>
    public static async Task WriteAsync(HttpContext context)
    {
        RequirementInForce.Withdraw(context);
        if (!await AcceptableOffer.TryAcceptDeferredAsync(context))
        {
            await RefuseAsync(context);
        }
    }

    /// <summary>The status with which <see cref="WriteAsync"/> would answer: 101 if it would accept the request's offer.</summary>
    public static int FindStatus(HttpContext context) =>
        context.Features.Get<AcceptableOffer>() is not null ? StatusCodes.Status101SwitchingProtocols
        : IsBrowser(context.Request) && CanRedirect(context, HttpsUri.Find(context)) ? StatusCodes.Status307TemporaryRedirect
        : GetRefusal(HasUpgrade(context));

    private static Task RefuseAsync(HttpContext context)
    {
        var secureUri = HttpsUri.Find(context);
        var canRedirect = CanRedirect(context, secureUri);

        // The resource may respond differently over TLS, so caches must not store this response.
        var headers = context.Response.Headers;
        headers.CacheControl = "no-store";
        headers.Vary = canRedirect ? $"{HeaderNames.Accept}, {HeaderNames.UpgradeInsecureRequests}" : HeaderNames.Accept;
        if (canRedirect && IsBrowser(context.Request))
        {
            context.Response.StatusCode = StatusCodes.Status307TemporaryRedirect;
            headers.Vary = HeaderNames.UpgradeInsecureRequests;
            headers.Location = secureUri;
            headers.ContentLength = 0;
            ResponseConnection.EndIfContentIsAwaited(context);
            Report(context);
            return Task.CompletedTask;
        }

        return RefuseAsync(context, secureUri);
    }

    private static bool CanRedirect(HttpContext context, string? secureUri) =>
        secureUri is not null
        && UpgradeConnection.FindPolicy(context) is { RedirectBrowsers: true }
        && context.Request.Method is "GET" or "HEAD";

    private static bool IsBrowser(HttpRequest request) => request.Headers.UpgradeInsecureRequests is ["1"];

    private static int GetRefusal(bool hasUpgrade) =>
        hasUpgrade ? StatusCodes.Status426UpgradeRequired : StatusCodes.Status403Forbidden;

    private static void Report(HttpContext context) =>
        context.RequestServices?.GetService<TlsUpgradeObservers>()?.RequestRefused(context, context.Response.StatusCode);

    /// <summary>
    /// HTTP/2 has no Upgrade (RFC 9113 section 8.2.2), and therefore no 426. The client of a reverse proxy may speak HTTP/2 to it, and could
    /// not upgrade through it: nginx passes the field on, and the client resets the stream. An endpoint that accepts no offer has none either.
    /// </summary>
    private static bool HasUpgrade(HttpContext context) =>
        UpgradeConnection.FindPolicy(context) is not { IsOffering: false }
        && (HttpProtocol.IsHttp11(context.Request.Protocol) || HttpProtocol.IsHttp10(context.Request.Protocol))
        && (UpgradeConnection.FindPolicy(context) is { AllowBehindProxy: true }
            || !Intermediary.IsReverseProxyShownBy(context.Request.Headers));

    private static async Task RefuseAsync(HttpContext context, string? secureUri)
    {
        var response = context.Response;
        var hasUpgrade = HasUpgrade(context);
        response.StatusCode = GetRefusal(hasUpgrade);
        Report(context);
        var problem = UpgradeRequiredProblem.Create(context, secureUri);
        await HeldResponse.SendAsync(
            context,
            current => AcceptHeader.IsHtml(current.Request)
                ? UpgradeRequiredPage.WriteAsync(current, problem, secureUri)
                : UpgradeRequiredProblem.WriteAsync(current, problem),
            hasUpgrade ? AddUpgrade : ResponseConnection.EndIfContentIsAwaited);
    }

    private static void AddUpgrade(HttpContext context)
    {
        context.Response.Headers.Upgrade = UpgradeConnection.FindPolicy(context)?.Tokens ?? DefaultTokens;
        context.Response.Headers.Connection = ResponseConnection.WithUpgrade(context.Request);
    }
}
