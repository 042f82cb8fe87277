using Microsoft.AspNetCore.Mvc.RazorPages;

namespace KestrelTlsUpgrade.TestApp.Pages;

public sealed class OpenModel(HandlerCalls calls) : PageModel
{
    public void OnGet() => calls.Record();
}
