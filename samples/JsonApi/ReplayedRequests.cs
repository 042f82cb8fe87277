using KestrelTlsUpgrade;

namespace JsonApi;

/// <summary>Tells clients what to do about a refusal that is due to the upgrade.</summary>
internal static class ReplayedRequests
{
    public static void Explain(ProblemDetailsOptions options) => options.CustomizeProblemDetails = static context =>
    {
        if (context.ProblemDetails.Status is StatusCodes.Status403Forbidden
            && context.HttpContext.Features.Get<ITlsUpgradeFeature>() is { IsReplayedRequest: true })
        {
            context.ProblemDetails.Detail =
                "This request was received in clear text, so it does not carry the client certificate. Send it again on this connection.";
        }
    };
}
