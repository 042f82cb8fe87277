using System.Net;
using Microsoft.AspNetCore.Http.Features;

namespace KestrelTlsUpgrade.PublishedApp;

/// <summary>The server and the tunnel, each on a free port of localhost.</summary>
internal static class Hosts
{
    public static async Task<WebApplication> StartServerAsync(string certificate)
    {
        var builder = CreateBuilder($"--TlsUpgrade:Certificate:Path={certificate}", $"--TlsUpgrade:Certificate:KeyPath={certificate}");
        builder.WebHost.UseTlsUpgrade(options => options.Advertise = TlsUpgradeAdvertisement.OncePerConnection);
        builder.WebHost.UseProxyProtocol(options => options.Enabled = false);
        builder.Services.AddTlsUpgradeReport();
        builder.Services.AddHealthChecks().AddTlsUpgrade();
        builder.Services.AddOpenApi();
        var app = builder.Build();
        app.MapOpenApi();
        app.MapHealthChecks("/health");
        app.MapTlsUpgradeReport("/tls");
        app.MapGet("/", Describe);
        app.MapGet("/secret", Describe).RequireTlsUpgrade();
        app.MapGet("/attribute", [RequireTlsUpgrade] (HttpContext context) => Describe(context));
        await app.StartAsync();
        return app;
    }

    public static async Task<WebApplication> StartProxyAsync(int destination)
    {
        var builder = CreateBuilder();
        builder.WebHost.UseConnectTunnel(tunnel =>
        {
            tunnel.AllowedNetworks.Add(IPNetwork.Parse("127.0.0.0/8"));
            tunnel.AllowedPorts.Add(destination);
            tunnel.AllowedOwnPorts.Add(destination);
        });
        var app = builder.Build();
        await app.StartAsync();
        return app;
    }

    public static int PortOf(WebApplication app) => new Uri(app.Urls.Single()).Port;

    private static WebApplicationBuilder CreateBuilder(params string[] settings)
    {
        var builder = WebApplication.CreateSlimBuilder(["--urls=http://127.0.0.1:0", "--environment=Development", .. settings]);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        return builder;
    }

    private static string Describe(HttpContext context) =>
        $"{context.Features.GetRequiredFeature<ITlsUpgradeFeature>().State} {context.Request.Protocol}";
}
