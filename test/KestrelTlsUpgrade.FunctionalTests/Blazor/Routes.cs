using KestrelTlsUpgrade.TestApp.Components;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;
using Microsoft.AspNetCore.Components.Routing;

namespace KestrelTlsUpgrade.FunctionalTests.Blazor;

/// <summary>A router that knows pages which no endpoint has, unless the application adds them there too.</summary>
public sealed class Routes : ComponentBase
{
    protected override void BuildRenderTree(RenderTreeBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.OpenComponent<Router>(0);
        builder.AddComponentParameter(1, nameof(Router.AppAssembly), typeof(Routes).Assembly);
        builder.AddComponentParameter(2, nameof(Router.AdditionalAssemblies), new[] { typeof(Secret).Assembly });
        builder.AddComponentParameter(3, nameof(Router.Found), (RenderFragment<RouteData>)(route => found =>
        {
            found.OpenComponent<RouteView>(0);
            found.AddComponentParameter(1, nameof(RouteView.RouteData), route);
            found.CloseComponent();
        }));
        builder.CloseComponent();
    }
}
