using System.Net;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace KestrelTlsUpgrade.Benchmarks;

/// <summary>The server side of a comparison, in a process of its own: tells its port, and ends with its standard input.</summary>
internal static class BenchmarkServer
{
    private static readonly byte[] Content = "Hello, World!"u8.ToArray();

    public static async Task<int> RunAsync(ServerKind kind)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        if (kind is ServerKind.Upgradable)
        {
            builder.Services.AddTlsUpgrade();
        }

        builder.WebHost.ConfigureKestrel(options => options.Listen(IPAddress.Loopback, 0, endpoint => Configure(endpoint, kind)));
        await using var app = builder.Build();
        app.Run(static context =>
        {
            context.Response.ContentLength = Content.Length;
            return context.Response.Body.WriteAsync(Content).AsTask();
        });
        await app.StartAsync();
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        Console.WriteLine(new Uri(addresses.First()).Port);
        await Console.In.ReadToEndAsync();
        return 0;
    }

    private static void Configure(ListenOptions endpoint, ServerKind kind)
    {
        if (kind is ServerKind.Upgradable)
        {
            endpoint.UseTlsUpgrade(options =>
            {
                options.Https.ServerCertificate = TestCertificates.Server;
                options.DirectTls = DirectTlsMode.Any;
            });
        }
        else if (kind is ServerKind.Https)
        {
            endpoint.UseHttps(TestCertificates.Server);
        }
    }
}
