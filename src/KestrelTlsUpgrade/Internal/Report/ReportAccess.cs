using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace KestrelTlsUpgrade.Internal.Report;

/// <summary>Whether the report may be shown. What does not say so clearly says no.</summary>
internal static class ReportAccess
{
    /// <summary>
    /// In Development to everybody who may come that far. Elsewhere only behind <see cref="IAuthorizeData"/>, which ASP.NET Core
    /// lets nobody past who has not been authorized: it fails a request that came by another way than its authorization.
    /// </summary>
    public static bool IsOpen(Endpoint? endpoint, IHostEnvironment environment) =>
        environment.IsDevelopment() || (endpoint is not null && IsGuarded(endpoint.Metadata));

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
