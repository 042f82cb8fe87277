using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace KestrelTlsUpgrade.Report.Internal;

/// <summary>Whether the report may be shown. What does not say so clearly says no.</summary>
internal static class ReportAccess
{
    /// <summary>
    /// What the authorization of ASP.NET Core leaves behind, for its routing to see that it was asked. Routing fails a request without
    /// it, but not where <c>SuppressCheckForUnhandledSecurityMetadata</c> is set.
    /// </summary>
    public const string AskedKey = "__AuthorizationMiddlewareWithEndpointInvoked";

    /// <summary>
    /// In Development to everybody who may come that far. Elsewhere only behind <see cref="IAuthorizeData"/>, and authorization that has
    /// been asked, which lets nobody past who does not fulfil it.
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
