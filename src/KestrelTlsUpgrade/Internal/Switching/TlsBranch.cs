using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace KestrelTlsUpgrade.Internal.Switching;

/// <summary>
/// The TLS side of an endpoint: Kestrel's own TLS connection middleware with its timeout, metrics, client certificates and
/// logging, put together with Kestrel's public API on listen options that are never bound.
/// </summary>
internal static class TlsBranch
{
    public static ConnectionDelegate Build(
        KestrelServerOptions server,
        TlsUpgradeOptions options,
        HttpProtocols protocols,
        Func<ConnectionDelegate, ConnectionDelegate> secured,
        ConnectionDelegate next)
    {
        ListenOptions? branch = null;
        server.Listen(new IPEndPoint(IPAddress.Loopback, 0), listenOptions => branch = listenOptions);
        branch!.Protocols = protocols;
        if (options.HandshakeCallback is { } callback)
        {
            branch.UseHttps(callback);
        }
        else
        {
            branch.UseHttps(options.Https);
        }

        branch.Use(secured);
        branch.Use(_ => next);
        return branch.Build();
    }
}
