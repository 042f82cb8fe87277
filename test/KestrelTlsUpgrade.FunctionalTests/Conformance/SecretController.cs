using Microsoft.AspNetCore.Mvc;

namespace KestrelTlsUpgrade.FunctionalTests.Conformance;

/// <summary>An action that a fallback route leads to: which one it is, and what it requires, shows only with a request.</summary>
public sealed class SecretController : ControllerBase
{
    [RequireTlsUpgrade]
    public string Act() => "secret";
}
