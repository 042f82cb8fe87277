using Microsoft.AspNetCore.Mvc.RazorPages;

namespace KestrelTlsUpgrade.TestApp.Pages;

[RequireTlsUpgrade]
public sealed class RequiredModel(HandlerCalls calls) : PageModel
{
    public void OnGet() => calls.Record();
}
