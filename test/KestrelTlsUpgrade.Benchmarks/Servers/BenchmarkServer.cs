using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace KestrelTlsUpgrade.Benchmarks.Servers;

/// <summary>The Kestrel side of a comparison, in a process of its own: tells its port, and ends with its standard input.</summary>
internal static class BenchmarkServer
{
    /// <summary>The line of its standard input that has it collect its garbage. It answers with a line.</summary>
    public const string CollectCommand = "collect";

    public const int LargeLength = 1_000_000;

    private static readonly byte[] Small = "Hello, World!"u8.ToArray();

    private static readonly byte[] Large = new byte[LargeLength];

    public static async Task<int> RunAsync(ServerKind kind, string certificatePath, string keyPath)
    {
        using var certificate = X509Certificate2.CreateFromPemFile(certificatePath, keyPath);
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        if (kind is ServerKind.Upgradable)
        {
            builder.Services.AddTlsUpgrade();
        }

        builder.WebHost.ConfigureKestrel(options =>
        {
            options.Limits.MaxRequestBodySize = null;
            options.Listen(IPAddress.Loopback, 0, endpoint => Configure(endpoint, kind, certificate));
        });
        await using var app = builder.Build();
        app.Run(AnswerAsync);
        await app.StartAsync();
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        Console.WriteLine(new Uri(addresses.First()).Port);
        while (await Console.In.ReadLineAsync() is CollectCommand)
        {
            Collect();
            Console.WriteLine();
        }

        return 0;
    }

    private static Task AnswerAsync(HttpContext context)
    {
        if (HttpMethods.IsPost(context.Request.Method))
        {
            return ReceiveAsync(context);
        }

        var content = context.Request.Path == "/large" ? Large : Small;
        context.Response.ContentLength = content.Length;
        return context.Response.Body.WriteAsync(content).AsTask();
    }

    private static async Task ReceiveAsync(HttpContext context)
    {
        await context.Request.BodyReader.CopyToAsync(Stream.Null);
        context.Response.ContentLength = Small.Length;
        await context.Response.Body.WriteAsync(Small);
    }

    private static void Configure(ListenOptions endpoint, ServerKind kind, X509Certificate2 certificate)
    {
        if (kind is ServerKind.Upgradable)
        {
            endpoint.UseTlsUpgrade(options =>
            {
                options.Https.ServerCertificate = certificate;
                options.DirectTls = DirectTlsMode.Any;
            });
        }
        else if (kind is ServerKind.Https)
        {
            endpoint.UseHttps(certificate);
        }
    }

    private static void Collect()
    {
        for (var i = 0; i < 2; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }
    }
}
