using System.Net;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.FunctionalTests.Hosting;

/// <summary>
/// Applications on every builder and host of ASP.NET Core. Their callbacks count themselves and keep what they are given: each runs as
/// often as it does without the upgrade, and never sees an endpoint that is not bound.
/// </summary>
public sealed class BuilderTests
{
    private const string Offer = "OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: TLS/1.2\r\n\r\n";

    public static TheoryData<string> Shapes =>
        ["CreateBuilder", "CreateSlimBuilder", "CreateEmptyBuilder", "CreateDefaultBuilder", "HostBuilder"];

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task WebHostUpgrade_Callbacks_RunOnceOnBoundEndpoints(string shape)
    {
        var callbacks = new Callbacks();
        using var host = Create(shape, web => callbacks.Add(web.UseTlsUpgrade(callbacks.Upgrade), static _ => { }));
        await AssertUpgradesAsync(host, callbacks);
        Assert.Equal(0, callbacks.EndpointDefaults);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task EndpointUpgrade_Callbacks_RunOnceOnBoundEndpoints(string shape)
    {
        var callbacks = new Callbacks();
        using var host = Create(shape, web =>
        {
            web.ConfigureServices(static services => services.AddTlsUpgrade());
            callbacks.Add(web, endpoint => endpoint.UseTlsUpgrade(callbacks.Upgrade));
        });
        await AssertUpgradesAsync(host, callbacks);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task EndpointDefaultsWithUpgrade_Callbacks_RunOnceOnBoundEndpoints(string shape)
    {
        var callbacks = new Callbacks();
        using var host = Create(shape, web =>
        {
            web.ConfigureServices(static services => services.AddTlsUpgrade());
            web.ConfigureKestrel(server => server.ConfigureEndpointDefaults(endpoint => callbacks.Default(endpoint).UseTlsUpgrade(callbacks.Upgrade)));
            callbacks.Add(web, static _ => { });
        });
        await AssertUpgradesAsync(host, callbacks);
        Assert.Equal(1, callbacks.EndpointDefaults);
    }

    /// <summary>A file of the configuration needs Kestrel's loader of https settings, which slim hosts do not have by themselves.</summary>
    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task CertificateOfTheConfiguration_IsUsed(string shape)
    {
        using var files = new CertificateFiles();
        var path = files.WritePfx("server.pfx", TestCertificates.Server, "secret");
        foreach (var prefix in new[] { "TlsUpgrade:Certificate", "Kestrel:Certificates:Default" })
        {
            foreach (var isWholeHost in new[] { true, false })
            {
                var callbacks = new Callbacks { HasCertificate = false };
                using var host = Create(
                    shape,
                    web =>
                    {
                        if (isWholeHost)
                        {
                            web.UseTlsUpgrade();
                        }
                        else
                        {
                            web.ConfigureServices(static services => services.AddTlsUpgrade());
                        }

                        callbacks.Add(web, endpoint => endpoint.UseTlsUpgrade(callbacks.Upgrade));
                    },
                    new() { [$"{prefix}:Path"] = path, [$"{prefix}:Password"] = "secret" });
                await AssertUpgradesAsync(host, callbacks);
            }
        }
    }

    /// <summary>A host without the upgrade is the measure for how often its callbacks run.</summary>
    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task Callbacks_RunAsOftenAsWithoutTheUpgrade(string shape)
    {
        var plain = new Callbacks();
        using (var host = Create(shape, web => plain.Add(web, endpoint => endpoint.UseHttps(TestCertificates.Server))))
        {
            await host.StartAsync(TestContext.Current.CancellationToken);
            await host.StopAsync(TestContext.Current.CancellationToken);
        }

        var upgraded = new Callbacks();
        using (var host = Create(shape, web => upgraded.Add(web.UseTlsUpgrade(upgraded.Upgrade), static _ => { })))
        {
            await host.StartAsync(TestContext.Current.CancellationToken);
            await host.StopAsync(TestContext.Current.CancellationToken);
        }

        Assert.Equal((plain.Kestrel, plain.HttpsDefaults, plain.Endpoints.Count), (upgraded.Kestrel, upgraded.HttpsDefaults, upgraded.Endpoints.Count));
    }

    private static async Task AssertUpgradesAsync(IHost host, Callbacks callbacks)
    {
        await host.StartAsync(TestContext.Current.CancellationToken);
        var address = Assert.Single(host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses);
        Assert.StartsWith("http://", address, StringComparison.Ordinal);
        Assert.Equal(new Uri(address).Port, callbacks.Kept.Task.Result.IPEndPoint!.Port);
        Assert.Equal((1, 1, 1), (callbacks.Kestrel, callbacks.HttpsDefaults, callbacks.Upgrades));
        Assert.All(callbacks.Endpoints, endpoint => Assert.Equal(new Uri(address).Port, endpoint.IPEndPoint!.Port));

        await using var connection = await RawConnection.OpenAsync(new IPEndPoint(IPAddress.Loopback, new Uri(address).Port));
        await connection.SendAsync(Offer);
        Assert.Equal(101, (await connection.ReadResponseAsync()).Status);
        await connection.StartTlsAsync();
        await host.StopAsync(TestContext.Current.CancellationToken);
    }

    private static IHost Create(string shape, Action<IWebHostBuilder> configure, Dictionary<string, string?>? settings = null) => shape switch
    {
        "CreateBuilder" => Build(WebApplication.CreateBuilder(), configure, settings),
        "CreateSlimBuilder" => Build(WebApplication.CreateSlimBuilder(), configure, settings),
        "CreateEmptyBuilder" => BuildEmpty(configure, settings),
        "CreateDefaultBuilder" => Host.CreateDefaultBuilder()
            .ConfigureAppConfiguration(configuration => configuration.AddInMemoryCollection(settings))
            .ConfigureLogging(static logging => logging.ClearProviders())
            .ConfigureWebHostDefaults(web => configure(web.Configure(Answer)))
            .Build(),
        _ => new HostBuilder()
            .ConfigureAppConfiguration(configuration => configuration.AddInMemoryCollection(settings))
            .ConfigureWebHost(web => configure(web
                .UseKestrelCore()
                .ConfigureKestrel(static (context, server) => server.Configure(context.Configuration.GetSection("Kestrel")))
                .Configure(Answer)))
            .Build(),
    };

    private static WebApplication BuildEmpty(Action<IWebHostBuilder> configure, Dictionary<string, string?>? settings)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore()
            .ConfigureKestrel(static (context, server) => server.Configure(context.Configuration.GetSection("Kestrel")));
        return Build(builder, configure, settings);
    }

    private static WebApplication Build(WebApplicationBuilder builder, Action<IWebHostBuilder> configure, Dictionary<string, string?>? settings)
    {
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Logging.ClearProviders();
        configure(builder.WebHost);
        var app = builder.Build();
        Answer(app);
        return app;
    }

    private static void Answer(IApplicationBuilder app) => app.Run(UpgradeServer.DescribeAsync);

    /// <summary>The application's own callbacks.</summary>
    private sealed class Callbacks
    {
        public bool HasCertificate { get; init; } = true;

        public int Kestrel { get; private set; }

        public int EndpointDefaults { get; private set; }

        public int HttpsDefaults { get; private set; }

        public int Upgrades { get; private set; }

        public List<ListenOptions> Endpoints { get; } = [];

        /// <summary>A second run would throw where it is set.</summary>
        public TaskCompletionSource<ListenOptions> Kept { get; } = new();

        public void Add(IWebHostBuilder web, Action<ListenOptions> configureEndpoint) => web.ConfigureKestrel(server =>
        {
            Kestrel++;
            server.ConfigureHttpsDefaults(_ => HttpsDefaults++);
            server.Listen(IPAddress.Loopback, 0, endpoint =>
            {
                Endpoints.Add(endpoint);
                Kept.SetResult(endpoint);
                configureEndpoint(endpoint);
            });
        });

        public ListenOptions Default(ListenOptions endpoint)
        {
            EndpointDefaults++;
            Endpoints.Add(endpoint);
            return endpoint;
        }

        public void Upgrade(TlsUpgradeOptions options)
        {
            Upgrades++;
            if (HasCertificate)
            {
                options.Https.ServerCertificate = TestCertificates.Server;
            }
        }
    }
}
