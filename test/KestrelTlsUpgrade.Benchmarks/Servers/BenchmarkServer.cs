using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
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

    public static async Task<int> RunAsync(ServerKind kind, ServerSetting setting, string certificatePath, string keyPath)
    {
        using var certificate = X509Certificate2.CreateFromPemFile(certificatePath, keyPath);
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore();
        if (HasUpgrade(kind))
        {
            builder.Services.AddTlsUpgrade();
        }

        builder.WebHost.UseSockets(transport =>
        {
            transport.UnsafePreferInlineScheduling = setting is ServerSetting.InlineScheduling;
            transport.IOQueueCount = setting is ServerSetting.NoQueues ? 0 : transport.IOQueueCount;
        });
        builder.WebHost.ConfigureKestrel(options =>
        {
            options.Limits.MaxRequestBodySize = null;
            options.Listen(IPAddress.Loopback, 0, endpoint => Configure(endpoint, kind, setting, certificate));
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

    private static void Configure(ListenOptions endpoint, ServerKind kind, ServerSetting setting, X509Certificate2 certificate)
    {
        if (HasUpgrade(kind))
        {
            endpoint.UseTlsUpgrade(options =>
            {
                options.Https.ServerCertificate = certificate;
                options.DirectTls = DirectTlsMode.Any;

                // Many clients at one address, all at once, some of which fail on purpose. What a look-up costs is a micro benchmark.
                options.FallbackLifetime = TimeSpan.Zero;
                if (kind is ServerKind.LookingOn)
                {
                    options.Offers = TlsUpgradeOffers.None;
                    options.Requirement = TlsUpgradeRequirement.ReportOnly;
                }
                else if (kind is ServerKind.Listed)
                {
                    options.OffersFrom.Networks.Add(IPNetwork.Parse("127.0.0.0/8"));
                    options.OffersFrom.ExceptNetworks.Add(IPNetwork.Parse("192.0.2.0/24"));
                    options.OffersFrom.Products.Add("CUPS");
                    options.OffersFrom.ExceptProducts.Add("Apache-HttpClient");
                }
            });
        }
        else if (kind is ServerKind.Https)
        {
            endpoint.UseHttps(https => Configure(https, setting, certificate));
        }
    }

    private static bool HasUpgrade(ServerKind kind) => kind is ServerKind.Upgradable or ServerKind.LookingOn or ServerKind.Listed;

    private static void Configure(HttpsConnectionAdapterOptions https, ServerSetting setting, X509Certificate2 certificate)
    {
        if (setting is ServerSetting.CertificateSelector)
        {
            https.ServerCertificateSelector = (_, _) => certificate;
            return;
        }

        https.ServerCertificate = certificate;
        if (setting is ServerSetting.NoResumption)
        {
            https.OnAuthenticate = static (_, authentication) => authentication.AllowTlsResume = false;
        }
        else if (setting is ServerSetting.CipherSuites && OperatingSystem.IsLinux())
        {
            var policy = new CipherSuitesPolicy([TlsCipherSuite.TLS_AES_128_GCM_SHA256]);
            https.OnAuthenticate = (_, authentication) => authentication.CipherSuitesPolicy = policy;
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
