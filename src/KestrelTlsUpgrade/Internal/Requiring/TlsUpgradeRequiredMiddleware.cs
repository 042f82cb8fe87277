using KestrelTlsUpgrade.Internal.Middleware;
using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Internal.Upgrading;
using Microsoft.AspNetCore.Http;

namespace KestrelTlsUpgrade.Internal.Requiring;

/// <summary>Refuses plaintext requests unless their endpoint allows them, or the requirement is only reported.</summary>
/// <param name="next">What requires TLS.</param>
/// <param name="inForce">Decides where neither an endpoint nor <paramref name="requirement"/> does.</param>
/// <param name="requirement">What the application has named for this middleware; <see langword="null"/> for what the settings say.</param>
internal sealed class TlsUpgradeRequiredMiddleware(RequestDelegate next, RequirementInForce inForce, TlsUpgradeRequirement? requirement)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (context.Request.IsHttps || context.GetEndpoint().RequiresTls() is false)
        {
            return next(context);
        }

        if (!inForce.IsEnforced(context, context.GetEndpoint()?.FindRequirement()?.Requirement ?? requirement))
        {
            if (!OptionsAsterisk.IsRequestedBy(context))
            {
                inForce.Report(context);
            }

            return next(context);
        }

        return OptionsAsterisk.IsRequestedBy(context) ? AnswerOptionsAsterisk(context) : UpgradeRequiredResponse.WriteAsync(context);
    }

    /// <summary><c>OPTIONS *</c> addresses no resource, so nothing can require TLS. The response advertises the upgrade.</summary>
    private static Task AnswerOptionsAsterisk(HttpContext context)
    {
        OptionsAsterisk.Answer(context.Response);
        if (HttpProtocol.IsHttp11(context.Request.Protocol) && UpgradeConnection.FindPolicy(context) is { IsOffering: true } policy
            && (policy.AllowBehindProxy || !Intermediary.IsShownBy(context.Request.Headers)))
        {
            context.Response.Headers.Upgrade = policy.Tokens;
            context.Response.Headers.Connection = ResponseConnection.WithUpgrade(context.Request);
        }

        return Task.CompletedTask;
    }
}
