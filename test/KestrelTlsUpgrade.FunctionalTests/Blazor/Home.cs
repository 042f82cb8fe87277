using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;

namespace KestrelTlsUpgrade.FunctionalTests.Blazor;

/// <summary>A page for everybody, which tells when its circuit is there.</summary>
[Route("/")]
public sealed class Home : ComponentBase
{
    public const string Interactive = "This page has a circuit.";

    private bool _isInteractive;

    protected override void BuildRenderTree(RenderTreeBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.AddMarkupContent(0, $"<p id=\"home\">{(_isInteractive ? Interactive : "This page has none.")}</p>");
    }

    /// <summary>Comes after what the router does then: from here on it takes care of links.</summary>
    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender)
        {
            _isInteractive = true;
            StateHasChanged();
        }
    }
}
