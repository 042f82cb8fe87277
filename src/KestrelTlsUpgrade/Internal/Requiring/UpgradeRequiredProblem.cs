using System.Text.Json.Serialization;
using KestrelTlsUpgrade.Internal.Middleware;
using KestrelTlsUpgrade.Internal.Negotiation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection;

namespace KestrelTlsUpgrade.Internal.Requiring;

/// <summary>Explains why a plaintext request was refused and what to do, as problem details (RFC 9457).</summary>
internal sealed partial class UpgradeRequiredProblem
{
    /// <summary>The name of the member with the https URI, for programs.</summary>
    public const string SecureUriMember = "secureUri";

    private const string ContentType = "application/problem+json";

    public static ProblemDetails Create(HttpContext context, string? secureUri)
    {
        var isUpgradeRequired = context.Response.StatusCode == StatusCodes.Status426UpgradeRequired;
        var problem = new ProblemDetails
        {
            Status = context.Response.StatusCode,
            Type = isUpgradeRequired
                ? "https://tools.ietf.org/html/rfc9110#section-15.5.22"
                : "https://tools.ietf.org/html/rfc9110#section-15.5.4",
            Title = isUpgradeRequired ? "Upgrade Required" : "Forbidden",
            Detail = Explain(context, secureUri),
        };
        if (secureUri is not null)
        {
            problem.Extensions[SecureUriMember] = secureUri;
        }

        return problem;
    }

    /// <summary>Writes the problem with the application's problem details service, if it has one.</summary>
    public static async Task WriteAsync(HttpContext context, ProblemDetails problem)
    {
        var writer = context.RequestServices?.GetService<IProblemDetailsService>();
        if (writer is null || !await writer.TryWriteAsync(new() { HttpContext = context, ProblemDetails = problem }))
        {
            await context.Response.WriteAsJsonAsync(
                problem, SerializerContext.Default.ProblemDetails, ContentType, context.RequestAborted);
        }
    }

    private static string Explain(HttpContext context, string? secureUri)
    {
        var upgrade = FindUpgrade(context);
        var link = secureUri is not null && UpgradeConnection.FindPolicy(context) is { IsDirectTlsHttp2Only: true }
            ? $"{secureUri} over HTTP/2"
            : secureUri;
        return "This resource is served over TLS only. " + (upgrade, link) switch
        {
            (null, null) when Intermediary.IsReverseProxyShownBy(context.Request.Headers) => ExplainProxied(context),
            (null, null) => "This connection cannot be upgraded to TLS. Use https where the server offers it.",
            (null, _) => $"Use {link} instead.",
            (_, null) => $"{upgrade}.",
            _ => $"{upgrade}, or use {link} instead.",
        };
    }

    private static string ExplainProxied(HttpContext context) =>
        ForwardedScheme.IsHttpsReported(context)
            ? "The request came through a proxy that reports https (X-Forwarded-Proto), but the application does not apply that: it has to "
                + "call UseForwardedHeaders() and to know the proxy (KnownProxies or KnownIPNetworks)."
            : "The request came through a proxy, and its connection cannot be upgraded to TLS. Use https where the proxy offers it.";

    private static string? FindUpgrade(HttpContext context)
    {
        var request = context.Request;
        if (!HttpProtocol.IsHttp11(request.Protocol)
            || UpgradeConnection.FindPolicy(context) is not { IsOffering: true } policy
            || (!policy.AllowBehindProxy && Intermediary.IsShownBy(request.Headers)))
        {
            return null;
        }

        var token = policy.Tokens[..policy.Tokens.IndexOf(',', StringComparison.Ordinal)];
        var hint = policy.NeedsHint ? $", {AwareClient.UpgradeMember}" : "";
        var offer = $"the fields Upgrade: {token}{hint} and Connection: Upgrade";
        return UpgradableMethods.Contains(request.Method)
            && context.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: true }
            ? $"Repeat the request with {offer} (RFC 2817 section 3)"
            : $"Upgrade the connection with OPTIONS * and {offer} (RFC 2817 section 3.2), then repeat the request";
    }

    [JsonSerializable(typeof(ProblemDetails))]
    private sealed partial class SerializerContext : JsonSerializerContext;
}
