using KestrelTlsUpgrade.Internal.Middleware;
using KestrelTlsUpgrade.Internal.Settings;
using KestrelTlsUpgrade.Internal.Telemetry;
using KestrelTlsUpgrade.Internal.Upgrading;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace KestrelTlsUpgrade.Internal.Requiring;

/// <summary>
/// Whether a requirement is enforced, or only reported: what the application has named for the resource decides first, then the settings of
/// the address where the request arrived, then those of the host.
/// </summary>
internal sealed class RequirementInForce(HostRequirement host, CircuitRequirement circuits, TlsUpgradeObservers observers)
{
    /// <summary>
    /// Whether a plaintext request is refused; reports it if it is not. Without our services, every requirement is enforced.
    /// </summary>
    public static bool IsRefused(HttpContext context, IRequireTlsUpgradeMetadata metadata)
    {
        if (context.RequestServices?.GetService<RequirementInForce>() is not { } requirement || requirement.IsEnforced(context, metadata.Requirement))
        {
            return true;
        }

        requirement.Report(context);
        return false;
    }

    /// <summary>Whether the requirement is enforced.</summary>
    /// <param name="context">The request.</param>
    /// <param name="named">What the application has named for its resource; <see langword="null"/> for what the settings say.</param>
    public bool IsEnforced(HttpContext context, TlsUpgradeRequirement? named) =>
        (named ?? GetSetting(context)) is not TlsUpgradeRequirement.ReportOnly;

    /// <summary>
    /// Reports the request when its response starts, if it still is a plaintext request for a resource that requires TLS. Its resource, and
    /// whether a proxy's client used https, may be known only by then.
    /// </summary>
    public void Watch(HttpContext context)
    {
        if (context.Features.Get<ReportedRequest>() is null)
        {
            var reported = new ReportedRequest(this, context);
            context.Features.Set(reported);
            context.Response.OnStarting(static state => ((ReportedRequest)state).OnStarting(), reported);
        }
    }

    /// <summary>Reports the request when its response starts: its resource is known to require TLS.</summary>
    public void Report(HttpContext context)
    {
        Watch(context);
        context.Features.Get<ReportedRequest>()!.IsKnown = true;
    }

    /// <summary>Does not report the request after all: another requirement for it is enforced.</summary>
    public static void Withdraw(HttpContext context)
    {
        if (context.Features.Get<ReportedRequest>() is { } reported)
        {
            reported.IsWithdrawn = true;
        }
    }

    private TlsUpgradeRequirement GetSetting(HttpContext context) =>
        UpgradeConnection.Of(context.Features)?.Requirement
        ?? context.Features.Get<ActiveSettings>()?.Requirement
        ?? host.Current;

    private bool IsReported(HttpContext context)
    {
        var endpoint = RequestedResource.FindEndpoint(context);
        return endpoint is not null
            && (endpoint.RequiresTls() is true || circuits.AppliesTo(endpoint))
            && !IsEnforced(context, endpoint.FindRequirement()?.Requirement);
    }

    private void Report(ReportedRequest reported, HttpContext context)
    {
        if (!reported.IsWithdrawn && !context.Request.IsHttps && (reported.IsKnown || IsReported(context)))
        {
            Advertisement.Add(context);
            observers.RequestTolerated(context, UpgradeRequiredResponse.FindStatus(context));
        }
    }

    /// <summary>A request whose requirement may only be reported.</summary>
    private sealed class ReportedRequest(RequirementInForce requirement, HttpContext context)
    {
        /// <summary>Whether its resource is known to require TLS.</summary>
        public bool IsKnown { get; set; }

        /// <summary>Whether it is refused by another requirement.</summary>
        public bool IsWithdrawn { get; set; }

        public Task OnStarting()
        {
            requirement.Report(this, context);
            return Task.CompletedTask;
        }
    }
}
