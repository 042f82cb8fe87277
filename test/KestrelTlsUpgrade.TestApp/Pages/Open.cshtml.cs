#pragma warning disable MVC1001 // That an attribute has no effect here is what is tested.
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace KestrelTlsUpgrade.TestApp.Pages;

public sealed class OpenModel(HandlerCalls calls) : PageModel
{
    public void OnGet() => calls.Record();

    [RequireTlsUpgrade]
    public void OnPostRequired() => calls.Record();
}
