using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace KestrelTlsUpgrade.Benchmarks.Tunnels;

/// <summary>Our proxy, in a process of its own.</summary>
internal static class TunnelServer
{
    public static async Task<int> RunAsync(int port, IEnumerable<int> originPorts)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(server => server.Listen(IPAddress.Loopback, port, static endpoint => endpoint.UseConnectTunnel()));
        builder.WebHost.UseConnectTunnel(tunnel =>
        {
            foreach (var originPort in originPorts)
            {
                tunnel.AllowedPorts.Add(originPort);
            }

            tunnel.AllowedNetworks.Add(IPNetwork.Parse("127.0.0.0/8"));
            tunnel.MaxTunnelsPerCaller = tunnel.MaxTunnels;
        });
        await using var app = builder.Build();
        await app.RunAsync();
        return 0;
    }
}
