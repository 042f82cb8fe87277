using KestrelTlsUpgrade.Internal.Requiring;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;

namespace KestrelTlsUpgrade;

/// <summary>
/// Serves a controller, action, page, hub, component or endpoint only to requests that arrived over TLS, whether the connection was
/// upgraded or began with TLS: plain https is enough. Others are answered with <c>426 Upgrade Required</c> (RFC 2817 section 4.2), or,
/// over HTTP/2 in clear text, with <c>403 Forbidden</c>.
/// </summary>
/// <remarks>
/// <para>
/// Routing refuses such requests, before authentication and before any of their content is read, in every application that
/// has called <c>AddTlsUpgrade()</c> or <c>UseTlsUpgrade()</c>. In one that has not, requests for the endpoint fail with an
/// <see cref="InvalidOperationException"/> that names these calls. A request is secure if its <c>IsHttps</c> is true.
/// </para>
/// <para>
/// MVC's <c>[RequireHttps]</c> is a filter of controllers and pages only. It redirects <c>GET</c> to https and answers everything else
/// with <c>403</c>, after authentication and model binding have seen the request. Where both are set, this one answers first.
/// </para>
/// </remarks>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method, AllowMultiple = false, Inherited = true)]
public sealed class RequireTlsUpgradeAttribute : Attribute, IRequireTlsUpgradeMetadata, IAuthorizationFilter, IOrderedFilter
{
    static RequireTlsUpgradeAttribute() => MissingEnforcement.StartWatching();

    /// <inheritdoc/>
    /// <value>Defaults to <see langword="true"/>; <see langword="false"/> revokes a requirement made further out.</value>
    public bool Required { get; set; } = true;

    /// <summary>The first of all filters.</summary>
    int IOrderedFilter.Order => int.MinValue;

    /// <summary>The last resort of MVC actions that are reached past routing, as with <c>UseMvc()</c>.</summary>
    void IAuthorizationFilter.OnAuthorization(AuthorizationFilterContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (!context.HttpContext.Request.IsHttps && context.FindEffectivePolicy<RequireTlsUpgradeAttribute>() is { Required: true })
        {
            context.Result = new UpgradeRequiredResult();
        }
    }

    private sealed class UpgradeRequiredResult : ActionResult
    {
        public override Task ExecuteResultAsync(ActionContext context) => UpgradeRequiredResponse.WriteAsync(context.HttpContext);
    }
}
