using System.Net;
using KestrelTlsUpgrade.Tunnel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace KestrelTlsUpgrade.Testing;

/// <summary>Real Kestrel that opens tunnels to loopback addresses.</summary>
internal static class TunnelProxy
{
    /// <param name="configure">The tunnel's settings, over those that allow loopback.</param>
    /// <param name="endpoint">What goes before the tunnel on the endpoint.</param>
    /// <param name="services">Further services.</param>
    /// <param name="server">The server's settings.</param>
    /// <param name="app">The application behind it.</param>
    public static Task<UpgradeServer> StartAsync(
        Action<ConnectTunnelOptions>? configure = null,
        Action<ListenOptions>? endpoint = null,
        Action<IServiceCollection>? services = null,
        Action<KestrelServerOptions>? server = null,
        Action<WebApplication>? app = null) => StartClosedAsync(
            options =>
            {
                AllowLoopback(options);
                configure?.Invoke(options);
            },
            endpoint,
            services,
            server,
            app);

    /// <summary>With the defaults that others have.</summary>
    public static Task<UpgradeServer> StartClosedAsync(
        Action<ConnectTunnelOptions>? configure = null,
        Action<ListenOptions>? endpoint = null,
        Action<IServiceCollection>? services = null,
        Action<KestrelServerOptions>? server = null,
        Action<WebApplication>? app = null) => UpgradeServer.StartAsync(
            builder =>
            {
                services?.Invoke(builder.Services);
                builder.WebHost.ConfigureKestrel(options =>
                {
                    server?.Invoke(options);
                    options.Listen(IPAddress.Loopback, 0, listen =>
                    {
                        endpoint?.Invoke(listen);
                        listen.UseConnectTunnel(tunnel => configure?.Invoke(tunnel));
                    });
                });
            },
            app);

    public static void AllowLoopback(ConnectTunnelOptions options)
    {
        options.AllowedNetworks.Add(IPNetwork.Parse("127.0.0.0/8"));
        options.AllowedNetworks.Add(IPNetwork.Parse("::1/128"));
        options.AllowedPorts.Clear();
        for (var port = 1; port <= IPEndPoint.MaxPort; port++)
        {
            options.AllowedPorts.Add(port);

            // The origins of the tests are in this process.
            options.AllowedOwnPorts.Add(port);
        }
    }

    /// <summary>Opens a tunnel.</summary>
    public static async Task<RawConnection> TunnelAsync(this UpgradeServer proxy, string authority, string fields = "", string early = "")
    {
        var connection = await proxy.ConnectAsync();
        await connection.SendAsync($"CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n{fields}\r\n{early}");
        Assert.Equal("HTTP/1.1 200 Connection established\r\n\r\n", await connection.ReadHeadAsync());
        return connection;
    }

    /// <summary>Waits until a CONNECT has ended in one of the ways given.</summary>
    public static Task EndedAsync(this UpgradeServer proxy, params string[] outcomes) => proxy.Log.WaitForAsync(line =>
        line.Id.Name == "Tunnel" && outcomes.Any(outcome => line.Message.Contains($": {outcome}, status", StringComparison.Ordinal)));

    /// <summary>Asks for a tunnel that is refused, and waits for the end of the connection.</summary>
    public static async Task<RawResponse> RefusedAsync(this UpgradeServer proxy, string request)
    {
        await using var connection = await proxy.ConnectAsync();
        await connection.SendAsync(request);
        return await connection.ReadRefusalAsync();
    }

    public static Task<RawResponse> RefusedTargetAsync(this UpgradeServer proxy, string authority) =>
        proxy.RefusedAsync($"CONNECT {authority} HTTP/1.1\r\nHost: a.test\r\n\r\n");

    public static async Task<RawResponse> ReadRefusalAsync(this RawConnection connection)
    {
        var response = await connection.ReadResponseAsync();
        Assert.Equal("close", response["Connection"]);
        Assert.StartsWith("kestrel; ", response["Proxy-Status"]);
        connection.Shutdown();
        Assert.Equal("", await connection.ReadToEndAsync());
        return response;
    }
}
