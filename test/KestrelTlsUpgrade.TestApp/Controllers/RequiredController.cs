using Microsoft.AspNetCore.Mvc;

namespace KestrelTlsUpgrade.TestApp.Controllers;

/// <summary>Requires TLS as a whole, but for one action.</summary>
[Route("required")]
[RequireTlsUpgrade]
public sealed class RequiredController(HandlerCalls calls) : ControllerBase
{
    [HttpGet("plain")]
    public string GetPlain() => calls.Record();

    [HttpGet("revoked")]
    [RequireTlsUpgrade(Required = false)]
    public string GetRevoked() => calls.Record();
}
