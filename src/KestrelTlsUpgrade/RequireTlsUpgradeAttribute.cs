using KestrelTlsUpgrade.Internal.Requiring;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;

namespace KestrelTlsUpgrade;

/// <summary>
/// Serves a controller, action, page, hub, component or endpoint only to requests that arrived over TLS: on an upgraded connection, or over
/// plain https. Other requests are answered with <c>426 Upgrade Required</c> (RFC 2817 section 4.2) or, over plaintext HTTP/2 or through a
/// reverse proxy, with <c>403 Forbidden</c>.
/// </summary>
/// <remarks>
/// <para>
/// Routing refuses such requests before authentication and before any content is read, in every application that calls
/// <c>AddTlsUpgrade()</c> or <c>UseTlsUpgrade()</c>. Without these calls, requests for the endpoint fail with an
/// <see cref="InvalidOperationException"/> that names them. A request is secure if its <c>IsHttps</c> is true.
/// </para>
/// <para>
/// If a component has the attribute, interactive server components require TLS as a whole, because they show it without another request. A
/// warning at start-up names each type and method whose attribute no endpoint carries: it has no effect there.
/// </para>
/// <para>
/// MVC's <c>[RequireHttps]</c> is a filter for controllers and pages only. It redirects <c>GET</c> requests to https and answers others
/// with <c>403</c>, after authentication and model binding. If both are set, this attribute answers first.
/// </para>
/// </remarks>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method, AllowMultiple = false, Inherited = true)]
public sealed class RequireTlsUpgradeAttribute : Attribute, IRequireTlsUpgradeMetadata, IAuthorizationFilter, IOrderedFilter
{
    private TlsUpgradeRequirement? _requirement;

    static RequireTlsUpgradeAttribute() => MissingEnforcement.StartWatching();

    /// <inheritdoc/>
    /// <value>Defaults to <see langword="true"/>. Set <see langword="false"/> to lift the requirement of an enclosing scope.</value>
    public bool Required { get; set; } = true;

    /// <summary>Gets or sets what happens to plaintext requests, whatever <see cref="TlsUpgradeOptions.Requirement"/> says.</summary>
    /// <value>Unless it is set, the options decide.</value>
    public TlsUpgradeRequirement Requirement
    {
        get => _requirement ?? TlsUpgradeRequirement.Enforce;
        set => _requirement = value;
    }

    TlsUpgradeRequirement? IRequireTlsUpgradeMetadata.Requirement => _requirement;

    /// <summary>Whether it was added by a call of <c>RequireTlsUpgrade()</c>, so that no type or method has it.</summary>
    internal bool IsFromConvention { get; init; }

    /// <summary>Runs before all other filters.</summary>
    int IOrderedFilter.Order => int.MinValue;

    /// <summary>The fallback for MVC actions without endpoint routing, as with <c>UseMvc()</c>.</summary>
    void IAuthorizationFilter.OnAuthorization(AuthorizationFilterContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (!context.HttpContext.Request.IsHttps
            && context.FindEffectivePolicy<RequireTlsUpgradeAttribute>() is { Required: true } effective
            && RequirementInForce.IsRefused(context.HttpContext, effective))
        {
            context.Result = new UpgradeRequiredResult();
        }
    }

    private sealed class UpgradeRequiredResult : ActionResult
    {
        public override Task ExecuteResultAsync(ActionContext context) => UpgradeRequiredResponse.WriteAsync(context.HttpContext);
    }
}
