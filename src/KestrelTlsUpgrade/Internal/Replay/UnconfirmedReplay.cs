using KestrelTlsUpgrade.Internal.Requiring;
using KestrelTlsUpgrade.Internal.Telemetry;
using KestrelTlsUpgrade.Internal.Upgrading;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace KestrelTlsUpgrade.Internal.Replay;

/// <summary>
/// Answers a replayed request if the handshake requires a client certificate. The author of the plaintext request need not be the holder of
/// that certificate, so running the request would bypass the check.
/// </summary>
internal static class UnconfirmedReplay
{
    /// <summary>Answers <c>OPTIONS *</c>, which addresses no resource, without the application. Refuses everything else.</summary>
    public static Task AnswerAsync(HttpContext context, TlsUpgradeObservers observers)
    {
        if (OptionsAsterisk.IsRequestedBy(context))
        {
            OptionsAsterisk.Answer(context.Response);
            return Task.CompletedTask;
        }

        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        context.Response.Headers.CacheControl = "no-store";
        observers.RequestRefused(context, StatusCodes.Status403Forbidden);
        return UpgradeRequiredProblem.WriteAsync(context, new ProblemDetails
        {
            Status = StatusCodes.Status403Forbidden,
            Type = "https://tools.ietf.org/html/rfc9110#section-15.5.4",
            Title = "Forbidden",
            Detail = "A client certificate is required here, and this request came in clear text, before the certificate was shown. "
                + "Repeat it on this connection, or upgrade with OPTIONS * first (RFC 2817 section 3.2).",
        });
    }
}
