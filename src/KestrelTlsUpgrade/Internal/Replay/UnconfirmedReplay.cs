using KestrelTlsUpgrade.Internal.Requiring;
using KestrelTlsUpgrade.Internal.Telemetry;
using KestrelTlsUpgrade.Internal.Upgrading;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace KestrelTlsUpgrade.Internal.Replay;

/// <summary>
/// The answer to a replayed request where the handshake requires a client certificate. The request came in clear text, and its author
/// need not be the holder of that certificate: behind the handshake it would pass a gate that it never came through.
/// </summary>
internal static class UnconfirmedReplay
{
    /// <summary><c>OPTIONS *</c>, which is about nothing, is answered without the application. Everything else is refused.</summary>
    public static Task AnswerAsync(HttpContext context, TlsUpgradeObservers observers)
    {
        if (OptionsAsterisk.IsAskedBy(context))
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
