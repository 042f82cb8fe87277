using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;
using Microsoft.AspNetCore.Components.Web;

namespace KestrelTlsUpgrade.FunctionalTests.Blazor;

/// <summary>The document of an application whose router is interactive.</summary>
public sealed class Shell : ComponentBase
{
    [Inject]
    internal ShellOptions Options { get; set; } = null!;

    protected override void BuildRenderTree(RenderTreeBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.AddMarkupContent(0, "<!DOCTYPE html><html><head><base href=\"/\"></head><body>");
        builder.OpenComponent<Routes>(1);
        builder.AddComponentRenderMode(RenderMode.InteractiveServer);
        builder.CloseComponent();
        builder.AddMarkupContent(
            2,
            $"<script src=\"_framework/blazor.web.js\" autostart=\"false\"></script><script>Blazor.start({{ circuit: {{ configureSignalR: builder => builder.withUrl('_blazor', {{ transport: {Options.Transport:D} }}) }} }})</script></body></html>");
    }
}
