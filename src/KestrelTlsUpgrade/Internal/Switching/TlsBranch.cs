using System.Net;
using System.Security.Authentication;
using KestrelTlsUpgrade.Internal.Negotiation;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace KestrelTlsUpgrade.Internal.Switching;

/// <summary>
/// The TLS side of an endpoint: Kestrel's own TLS connection middleware with its timeout, metrics, client certificates and
/// logging, put together with Kestrel's public API on listen options that are never bound.
/// </summary>
internal static class TlsBranch
{
    /// <summary>The versions of RFC 9325 section 3.1.1, for an owner who named none.</summary>
    public const SslProtocols DefaultVersions = SslProtocols.Tls12 | SslProtocols.Tls13;

    /// <summary>Puts the upgrade's own rules on top of the owner's TLS settings.</summary>
    public static void ApplyRules(HttpsConnectionAdapterOptions https)
    {
        if (https.SslProtocols is SslProtocols.None)
        {
            https.SslProtocols = DefaultVersions;
        }

        var onAuthenticate = https.OnAuthenticate;
        https.OnAuthenticate = (connection, authentication) =>
        {
            onAuthenticate?.Invoke(connection, authentication);
            if (connection.Features.Get<UpgradeRequest>() is not null)
            {
                authentication.ApplicationProtocols = ApplicationProtocols.Upgraded;
            }
        };

        if (https.ServerCertificateSelector is { } select)
        {
            // RFC 2817 section 1: the Host of the request in clear text can stand in for a server name that is not sent.
            https.ServerCertificateSelector = (connection, name) => select(
                connection, string.IsNullOrEmpty(name) ? connection?.Features.Get<UpgradeRequest>()?.Host ?? name : name);
        }
    }

    public static ConnectionDelegate Build(
        KestrelServerOptions server,
        HttpsConnectionAdapterOptions https,
        HttpProtocols protocols,
        Func<ConnectionDelegate, ConnectionDelegate> secured,
        ConnectionDelegate next)
    {
        ListenOptions? branch = null;
        server.Listen(new IPEndPoint(IPAddress.Loopback, 0), options => branch = options);
        branch!.Protocols = protocols;
        branch.UseHttps(https);
        branch.Use(secured);
        branch.Use(_ => next);
        return branch.Build();
    }
}
