using System.Diagnostics;
using KestrelTlsUpgrade.Internal.Telemetry;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Matching;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.Internal.Requiring;

/// <summary>
/// Replaces an endpoint that requires TLS by one that refuses, as routing does for 405 and 415: before authentication, filters, model
/// binding and content.
/// </summary>
internal sealed partial class RequireTlsUpgradeMatcherPolicy : MatcherPolicy, IEndpointSelectorPolicy
{
    private readonly TlsRequiredEndpoints _required = new();
    private readonly CircuitRequirement _circuits;
    private readonly ForwardedScheme _forwarded;
    private readonly RequirementInForce _requirement;
    private readonly ILogger _logger;
    private int _hasWarned;

    public RequireTlsUpgradeMatcherPolicy(
        DiagnosticListener routing, CircuitRequirement circuits, ForwardedScheme forwarded, RequirementInForce requirement, ILoggerFactory loggers)
    {
        _requirement = requirement;
        _circuits = circuits;
        _forwarded = forwarded;
        _logger = loggers.CreateLogger(LogCategories.Routing);
        MissingEnforcement.StopWatching(routing);
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
            if (!candidates.IsValidCandidate(i) || !(endpoint.RequiresTls() is true || _circuits.AppliesTo(endpoint)))
            {
                continue;
            }

            if (_requirement.IsEnforced(httpContext, endpoint.FindRequirement()?.Requirement))
            {
                candidates.ReplaceEndpoint(i, Replace(endpoint, httpContext), candidates[i].Values);
            }
            else
            {
                _requirement.Watch(httpContext);
            }
        }

        return Task.CompletedTask;
    }

    private Endpoint Replace(Endpoint endpoint, HttpContext context)
    {
        if (_forwarded.CanSecure(context))
        {
            return _required.GetCheck(endpoint);
        }

        WarnOfEarlyAuthentication(context);
        return _required.GetRefusal(endpoint);
    }

    /// <summary>
    /// WebApplication adds authentication in front of everything if the application calls <c>UseRouting()</c>, but not
    /// <c>UseAuthentication()</c>. Error pages route a second time, so there it means nothing.
    /// </summary>
    private void WarnOfEarlyAuthentication(HttpContext context)
    {
        if (context.Features.Get<IAuthenticationFeature>() is not null
            && context.Features.Get<IStatusCodeReExecuteFeature>() is null
            && context.Features.Get<IExceptionHandlerFeature>() is null
            && Interlocked.Exchange(ref _hasWarned, 1) == 0)
        {
            Log.AuthenticationBeforeRouting(_logger);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Authentication runs before routing, so it sees the credentials of plaintext requests for resources that require TLS, before they are refused. Call UseAuthentication() and UseAuthorization() after UseRouting(): without such a call they come first.", EventName = "AuthenticationBeforeRouting")]
        public static partial void AuthenticationBeforeRouting(ILogger logger);
    }
}
