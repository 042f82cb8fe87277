using System.Globalization;
using KestrelTlsUpgrade.Internal.Middleware;
using KestrelTlsUpgrade.Internal.Negotiation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Http.Features;

namespace KestrelTlsUpgrade.Internal.Requiring;

/// <summary>The https URI for a plaintext request, with the same host and port.</summary>
internal static class HttpsUri
{
    private const int HttpPort = 80;

    /// <summary>
    /// Returns the URI, or <see langword="null"/> if https is not available there: the endpoint does not serve TLS from the first byte, or
    /// an intermediary with another port is in front of it.
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

        // The client's port may differ from the local one. Port 80 must be written out, because https has another default.
        var host = new HostString(request.Host.Host, request.Host.Port ?? HttpPort);

        // The original target: the application may have rewritten the path.
        return context.Features.Get<IHttpRequestFeature>()?.RawTarget is ['/', ..] target
            ? string.Create(CultureInfo.InvariantCulture, $"https://{host.ToUriComponent()}{target}")
            : UriHelper.BuildAbsolute("https", host, request.PathBase, request.Path, request.QueryString);
    }
}
