using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Matching;

namespace KestrelTlsUpgrade.Internal.Http;

/// <summary>
/// Swaps an endpoint that requires TLS for one that answers 426, as routing does for 405 and 415: before authentication,
/// filters, model binding and the reading of the content.
/// </summary>
internal sealed class RequireTlsUpgradeMatcherPolicy : MatcherPolicy, IEndpointSelectorPolicy
{
    /// <summary>Open to everybody: an application that wants every request authorized must not get to this one first.</summary>
    private static readonly Endpoint UpgradeRequired = new(
        UpgradeRequiredResponse.WriteAsync, new EndpointMetadataCollection(new AllowAnonymousAttribute()), "426 Upgrade Required");

    /// <summary>After the policies that narrow the candidates down by method, host and content type.</summary>
    public override int Order => 1000;

    /// <summary>What a dynamic endpoint stands for, and requires, is known only when a request has come.</summary>
    public bool AppliesToEndpoints(IReadOnlyList<Endpoint> endpoints) =>
        ContainsDynamicEndpoints(endpoints)
        || endpoints.Any(static endpoint => endpoint.Metadata.GetMetadata<IRequireTlsUpgradeMetadata>() is not null);

    public Task ApplyAsync(HttpContext httpContext, CandidateSet candidates)
    {
        if (httpContext.Request.IsHttps)
        {
            return Task.CompletedTask;
        }

        for (var i = 0; i < candidates.Count; i++)
        {
            if (candidates.IsValidCandidate(i)
                && candidates[i].Endpoint.Metadata.GetMetadata<IRequireTlsUpgradeMetadata>() is { Required: true })
            {
                candidates.ReplaceEndpoint(i, UpgradeRequired, candidates[i].Values);
            }
        }

        return Task.CompletedTask;
    }
}
