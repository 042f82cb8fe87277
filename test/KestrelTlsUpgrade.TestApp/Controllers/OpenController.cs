using Microsoft.AspNetCore.Mvc;

namespace KestrelTlsUpgrade.TestApp.Controllers;

/// <summary>Requires TLS in one action only.</summary>
[Route("open")]
public sealed class OpenController(HandlerCalls calls) : ControllerBase
{
    [HttpGet("plain")]
    public string GetPlain() => calls.Record();

    [HttpGet("required")]
    [RequireTlsUpgrade]
    public string GetRequired() => calls.Record();
}
