using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace KestrelTlsUpgrade.Report.Internal;

/// <summary>Decides whether the report may be shown. In doubt it may not.</summary>
internal static class ReportAccess
{
    /// <summary>
    /// The item with which ASP.NET Core's authorization middleware tells routing that it has run. Routing fails a request without it,
    /// unless <c>SuppressCheckForUnhandledSecurityMetadata</c> is set.
    /// </summary>
    public const string AskedKey = "__AuthorizationMiddlewareWithEndpointInvoked";

    /// <summary>
    /// In Development everybody may see it. Elsewhere the endpoint needs <see cref="IAuthorizeData"/>, and the authorization middleware must
    /// have run, which stops callers who do not meet it.
    /// </summary>
    public static bool IsOpen(HttpContext context, IHostEnvironment environment) =>
        environment.IsDevelopment()
        || (context.GetEndpoint() is { } endpoint && IsGuarded(endpoint.Metadata) && context.Items.ContainsKey(AskedKey));

    public static bool IsGuarded(IEnumerable<object> metadata)
    {
        var isGuarded = false;
        foreach (var item in metadata)
        {
            if (item is IAllowAnonymous)
            {
                return false;
            }

            isGuarded |= item is IAuthorizeData;
        }

        return isGuarded;
    }
}
