using Microsoft.AspNetCore.Mvc;

namespace KestrelTlsUpgrade.FunctionalTests.Combinations;

/// <summary>Actions that show in the description of an API.</summary>
[ApiController]
[Route("described")]
public sealed class DescribedController : ControllerBase
{
    [HttpGet("plain")]
    public string GetPlain() => "plain";

    [HttpGet("secret")]
    [RequireTlsUpgrade]
    public string GetSecret() => "secret";

    [HttpGet("open")]
    [RequireTlsUpgrade(Required = false)]
    public string GetOpen() => "open";
}
