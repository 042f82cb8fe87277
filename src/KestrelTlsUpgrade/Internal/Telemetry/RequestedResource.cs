using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace KestrelTlsUpgrade.Internal.Telemetry;

/// <summary>Names the resource of a request. Not by its path, which may contain sensitive data, and of which there is no end.</summary>
internal static class RequestedResource
{
    /// <summary>The endpoint that the request was for, before an error page took its place.</summary>
    public static Endpoint? FindEndpoint(HttpContext context) =>
        context.Features.Get<IExceptionHandlerFeature>()?.Endpoint
        ?? context.Features.Get<IStatusCodeReExecuteFeature>()?.Endpoint
        ?? context.GetEndpoint();

    /// <summary>The route of the endpoint, as in ASP.NET Core's own metrics; empty if there is none.</summary>
    public static string FindRoute(HttpContext context) => (FindEndpoint(context) as RouteEndpoint)?.RoutePattern.RawText ?? "";
}
