using KestrelTlsUpgrade.Internal.Connections;
using KestrelTlsUpgrade.Internal.Negotiation;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace KestrelTlsUpgrade.Internal.Upgrading;

/// <summary>Tells a client in a response in clear text that it can upgrade (RFC 2817 section 4.1).</summary>
internal static class Advertisement
{
    /// <summary>Has the response to a request advertise the upgrade, if the endpoint's settings ask for that.</summary>
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

    private static bool IsDue(UpgradeConnection connection) => connection.CurrentSettings?.Policy.Advertise switch
    {
        TlsUpgradeAdvertisement.OncePerConnection => !connection.IsAdvertised,
        TlsUpgradeAdvertisement.EveryResponse => true,
        _ => false,
    };

    private static void Add(HttpContext context, UpgradeConnection connection)
    {
        // A 101 or a 426 says what is to be said, and so does an application that speaks of an upgrade of its own.
        var headers = context.Response.Headers;
        if (context.Response.StatusCode is StatusCodes.Status101SwitchingProtocols
            || headers.Upgrade.Count > 0
            || connection.CurrentSettings?.Policy is not { } policy
            || (!policy.AllowBehindProxy && Intermediary.IsShownBy(context.Request.Headers))
            || context.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested.IsCancellationRequested is true)
        {
            return;
        }

        connection.IsAdvertised = true;
        headers.Upgrade = policy.Tokens;

        // In a line of its own, and the first: Java's HttpURLConnection reads the last, and gives up a connection on anything
        // in there but "keep-alive" alone.
        headers.Connection = StringValues.Concat(
            "Upgrade", headers.Connection.Count > 0 ? headers.Connection : ResponseConnection.For(context.Request));
    }
}
