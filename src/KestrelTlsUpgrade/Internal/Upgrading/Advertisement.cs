using KestrelTlsUpgrade.Internal.Middleware;
using KestrelTlsUpgrade.Internal.Negotiation;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace KestrelTlsUpgrade.Internal.Upgrading;

/// <summary>Advertises the upgrade in a plaintext response (RFC 2817 section 4.1).</summary>
internal static class Advertisement
{
    /// <summary>Adds the advertisement to the response of a request, if the endpoint's settings ask for it.</summary>
    public static void AddTo(HttpContext context, UpgradeConnection connection)
    {
        if (IsDue(connection) && HttpProtocol.IsHttp11(context.Request.Protocol))
        {
            context.Response.OnStarting(
                static state =>
                {
                    var (context, connection) = ((HttpContext, UpgradeConnection))state;
                    Add(context, connection);
                    return Task.CompletedTask;
                },
                (context, connection));
        }
    }

    /// <summary>Adds the advertisement to a response that is about to start, whatever the settings ask for.</summary>
    public static void Add(HttpContext context)
    {
        if (UpgradeConnection.Of(context.Features) is { Plaintext: not null } connection && HttpProtocol.IsHttp11(context.Request.Protocol))
        {
            Add(context, connection);
        }
    }

    private static bool IsDue(UpgradeConnection connection) =>
        connection.CurrentSettings?.Policy is { IsOffering: true } policy
        && policy.Advertise switch
        {
            TlsUpgradeAdvertisement.OncePerConnection => !connection.IsAdvertised,
            TlsUpgradeAdvertisement.EveryResponse => true,
            _ => false,
        };

    private static void Add(HttpContext context, UpgradeConnection connection)
    {
        // A 101 or 426 already names the tokens, and an application may advertise another protocol.
        var headers = context.Response.Headers;
        if (context.Response.StatusCode is StatusCodes.Status101SwitchingProtocols
            || headers.Upgrade.Count > 0
            || connection.CurrentSettings?.Policy is not { IsOffering: true } policy
            || (!policy.AllowBehindProxy && Intermediary.IsShownBy(context.Request.Headers))
            || context.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested.IsCancellationRequested is true)
        {
            return;
        }

        connection.IsAdvertised = true;
        headers.Upgrade = policy.Tokens;

        // First, and on a separate line: Java's HttpURLConnection reads only the last line, and gives up the connection unless that is
        // exactly "keep-alive".
        headers.Connection = StringValues.Concat(
            "Upgrade", headers.Connection.Count > 0 ? headers.Connection : ResponseConnection.For(context.Request));
    }
}
