#pragma warning disable MVC1004 // It is no action.
using Microsoft.AspNetCore.Mvc.Routing;

namespace KestrelTlsUpgrade.TestApp;

/// <summary>A dynamic route: where it leads shows only with a request.</summary>
public sealed class ToConventionalController : DynamicRouteValueTransformer
{
    public override ValueTask<RouteValueDictionary> TransformAsync(HttpContext httpContext, RouteValueDictionary values) =>
        new(new RouteValueDictionary { ["controller"] = "Conventional", ["action"] = State });
}
