using Microsoft.AspNetCore.Mvc;

namespace KestrelTlsUpgrade.TestApp.Controllers;

/// <summary>Has no routes of its own: it is reached by conventional, dynamic and fallback routes.</summary>
public sealed class ConventionalController(HandlerCalls calls) : Controller
{
    [RequireTlsUpgrade]
    public string Required() => calls.Record();

    [OwnRequirement]
    public string Own() => calls.Record();
}
