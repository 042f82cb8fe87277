using System.Globalization;
using System.Net;
using KestrelTlsUpgrade.ProxyProtocol;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace KestrelTlsUpgrade.FunctionalTests.ProxyProtocol;

/// <summary>A server whose endpoint reads the PROXY protocol from loopback, and tells each request's addresses.</summary>
internal static class ProxiedServer
{
    public static readonly IPEndPoint Client = IPEndPoint.Parse("192.0.2.1:56324");
    public static readonly IPEndPoint Front = IPEndPoint.Parse("198.51.100.7:80");

    /// <summary>A header of either version with these addresses.</summary>
    public static byte[] Header(int version) => version == 1 ? ProxyHeaders.Line(Client, Front) : ProxyHeaders.WithChecksum(ProxyHeaders.Block(Client, Front));

    public static Task<UpgradeServer> StartAsync(
        Action<ProxyProtocolOptions>? configure = null, Action<TlsUpgradeOptions>? upgrade = null, Action<ListenOptions>? endpoint = null) =>
        UpgradeServer.StartAsync(
            upgrade,
            app: Describe,
            endpoint: listen =>
            {
                endpoint?.Invoke(listen);
                listen.UseProxyProtocol(configure ?? TrustLoopback);
            });

    public static void TrustLoopback(ProxyProtocolOptions options) => options.KnownProxies.Add(IPAddress.Loopback);

    public static void Describe(WebApplication app) => app.Run(static context =>
    {
        var connection = context.Connection;
        return context.Response.WriteAsync(
            $"{context.Request.Path} {context.Features.Get<ITlsUpgradeFeature>()?.State} "
            + Text(new(connection.RemoteIpAddress!, connection.RemotePort), new(connection.LocalIpAddress!, connection.LocalPort)));
    });

    public static string Text(IPEndPoint remote, IPEndPoint local) => string.Create(CultureInfo.InvariantCulture, $"from {remote} at {local}");

    public static string ProxiedText { get; } = Text(Client, Front);

    /// <summary>What a request is told on a connection that keeps its own addresses.</summary>
    public static string OwnText(RawConnection connection) =>
        Text((IPEndPoint)connection.Socket.LocalEndPoint!, (IPEndPoint)connection.Socket.RemoteEndPoint!);
}
