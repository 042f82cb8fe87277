using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Matching;

namespace KestrelTlsUpgrade.Internal.Requiring;

/// <summary>
/// Replaces an endpoint that requires TLS by one that refuses, as routing does for 405 and 415: before authentication, filters, model
/// binding and content.
/// </summary>
internal sealed class RequireTlsUpgradeMatcherPolicy : MatcherPolicy, IEndpointSelectorPolicy
{
    private readonly TlsRequiredEndpoints _required = new();

    private readonly CircuitRequirement _circuits;

    public RequireTlsUpgradeMatcherPolicy(DiagnosticListener routing, CircuitRequirement circuits)
    {
        MissingEnforcement.StopWatching(routing);
        _circuits = circuits;
    }

    /// <summary>Runs last, on the endpoints that the other policies have left or inserted.</summary>
    public override int Order => int.MaxValue;

    /// <summary>
    /// Dynamic endpoints are resolved per request, and components may be added while the application runs, so their requirement is not
    /// known before.
    /// </summary>
    public bool AppliesToEndpoints(IReadOnlyList<Endpoint> endpoints) =>
        ContainsDynamicEndpoints(endpoints)
        || endpoints.Any(static endpoint => endpoint.RequiresTls() is true || CircuitRequirement.IsCircuit(endpoint));

    public Task ApplyAsync(HttpContext httpContext, CandidateSet candidates)
    {
        if (httpContext.Request.IsHttps)
        {
            return Task.CompletedTask;
        }

        for (var i = 0; i < candidates.Count; i++)
        {
            var endpoint = candidates[i].Endpoint;
            if (candidates.IsValidCandidate(i) && (endpoint.RequiresTls() is true || _circuits.AppliesTo(endpoint)))
            {
                candidates.ReplaceEndpoint(
                    i,
                    MayBecomeSecure(httpContext.Request) ? _required.GetCheck(endpoint) : _required.GetRefusal(endpoint),
                    candidates[i].Values);
            }
        }

        return Task.CompletedTask;
    }

    /// <summary>
    /// Unless the application calls <c>UseRouting()</c>, routing runs before its middleware, and so before forwarded headers of a trusted
    /// proxy are applied.
    /// </summary>
    private static bool MayBecomeSecure(HttpRequest request) =>
        request.Headers["X-Forwarded-Proto"].ToString().Contains("https", StringComparison.OrdinalIgnoreCase);
}
