using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Matching;

namespace KestrelTlsUpgrade.Internal.Requiring;

/// <summary>
/// Swaps an endpoint that requires TLS for one that refuses, as routing does for 405 and 415: before authentication, filters,
/// model binding and the reading of the content.
/// </summary>
internal sealed class RequireTlsUpgradeMatcherPolicy : MatcherPolicy, IEndpointSelectorPolicy
{
    private readonly TlsRequiredEndpoints _standIns = new();

    public RequireTlsUpgradeMatcherPolicy(DiagnosticListener routing) => MissingEnforcement.StopWatching(routing);

    /// <summary>The last, when what other policies leave, or put in, is all that the request can get to.</summary>
    public override int Order => int.MaxValue;

    /// <summary>What a dynamic endpoint stands for, and requires, is known only when a request has come.</summary>
    public bool AppliesToEndpoints(IReadOnlyList<Endpoint> endpoints) =>
        ContainsDynamicEndpoints(endpoints) || endpoints.Any(static endpoint => TlsRequirement.Of(endpoint) is true);

    public Task ApplyAsync(HttpContext httpContext, CandidateSet candidates)
    {
        if (httpContext.Request.IsHttps)
        {
            return Task.CompletedTask;
        }

        for (var i = 0; i < candidates.Count; i++)
        {
            if (candidates.IsValidCandidate(i) && TlsRequirement.Of(candidates[i].Endpoint) is true)
            {
                var endpoint = candidates[i].Endpoint;
                candidates.ReplaceEndpoint(
                    i,
                    MayTurnOutSecure(httpContext.Request) ? _standIns.GetCheck(endpoint) : _standIns.GetRefusal(endpoint),
                    candidates[i].Values);
            }
        }

        return Task.CompletedTask;
    }

    /// <summary>
    /// Routing comes before the application's own middleware, unless that calls <c>UseRouting()</c>, and so before the
    /// forwarded headers of a proxy that it trusts are worked off.
    /// </summary>
    private static bool MayTurnOutSecure(HttpRequest request) =>
        request.Headers["X-Forwarded-Proto"].ToString().Contains("https", StringComparison.OrdinalIgnoreCase);
}
