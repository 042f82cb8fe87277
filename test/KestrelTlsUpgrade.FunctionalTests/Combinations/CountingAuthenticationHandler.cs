using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace KestrelTlsUpgrade.FunctionalTests.Combinations;

/// <summary>Takes anybody who sends an Authorization field for a user, and counts how often it is asked.</summary>
internal sealed class CountingAuthenticationHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, Counter counter)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "Counting";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        counter.Value++;
        return Task.FromResult(Request.Headers.Authorization.Count == 0
            ? AuthenticateResult.NoResult()
            : AuthenticateResult.Success(new(new ClaimsPrincipal(new ClaimsIdentity([], SchemeName)), SchemeName)));
    }
}
