using System.Globalization;
using KestrelTlsUpgrade.Internal.Connections;
using KestrelTlsUpgrade.Internal.Negotiation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Http.Features;

namespace KestrelTlsUpgrade.Internal.Requiring;

/// <summary>The https URI of what a request in clear text asked for, on the same host and port.</summary>
internal static class HttpsUri
{
    private const int HttpPort = 80;

    /// <summary>
    /// The URI, or <see langword="null"/> where https is not to be had there: the endpoint does not serve TLS from the first
    /// byte, or an intermediary stands before it, whose port is not ours.
    /// </summary>
    public static string? Find(HttpContext context)
    {
        var request = context.Request;
        if (UpgradeConnection.FindPolicy(context) is not { ServesDirectTls: true }
            || !request.Host.HasValue
            || context.Features.Get<IHttpRequestFeature>()?.RawTarget.AsSpan().ContainsAnyExceptInRange('!', '~') is not false
            || Intermediary.IsShownBy(request.Headers))
        {
            return null;
        }

        // The port that the client used need not be the local one. One that goes without saying means another with https.
        var host = new HostString(request.Host.Host, request.Host.Port ?? HttpPort);

        // As it was asked for: the application may have rewritten the path by now.
        return context.Features.Get<IHttpRequestFeature>()?.RawTarget is ['/', ..] target
            ? string.Create(CultureInfo.InvariantCulture, $"https://{host.ToUriComponent()}{target}")
            : UriHelper.BuildAbsolute("https", host, request.PathBase, request.Path, request.QueryString);
    }
}
