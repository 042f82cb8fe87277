using KestrelTlsUpgrade.Internal.Middleware;
using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Internal.Upgrading;
using Microsoft.AspNetCore.Http;

namespace KestrelTlsUpgrade.Internal.Requiring;

/// <summary>Refuses plaintext requests unless their endpoint allows them, or the requirement is only reported.</summary>
internal sealed class TlsUpgradeRequiredMiddleware(RequestDelegate next, RequirementInForce requirement)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (context.Request.IsHttps || context.GetEndpoint().RequiresTls() is false)
        {
            return next(context);
        }

        if (!requirement.IsEnforced(context, context.GetEndpoint()?.FindRequirement()))
        {
            requirement.Report(context);
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
