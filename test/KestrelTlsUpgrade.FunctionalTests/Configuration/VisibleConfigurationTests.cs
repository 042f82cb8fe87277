using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace KestrelTlsUpgrade.FunctionalTests.Configuration;

/// <summary>Diagnostics show the whole configuration, the settings of endpoints included.</summary>
public sealed class VisibleConfigurationTests
{
    private static readonly Dictionary<string, string?> Settings = new()
    {
        ["Kestrel:Endpoints:Web:Url"] = "http://127.0.0.1:0",
        ["Kestrel:Endpoints:Web:TlsUpgrade:AcceptedClients"] = "AwareOnly",
    };

    public static TheoryData<string> Shapes => ["CreateBuilder", "CreateSlimBuilder", "CreateDefaultBuilder"];

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task DebugView_ShowsTheSettingsOfAnEndpoint_KestrelDoesNotSeeThem(string shape)
    {
        using var host = Create(shape);
        await host.StartAsync(TestContext.Current.CancellationToken);
        var configuration = host.Services.GetRequiredService<IConfiguration>();
        Assert.Contains("AcceptedClients=AwareOnly", ((IConfigurationRoot)configuration).GetDebugView());
        Assert.Contains(
            configuration.GetSection("Kestrel").AsEnumerable(),
            static pair => pair is { Key: "Kestrel:Endpoints:Web:TlsUpgrade:AcceptedClients", Value: "AwareOnly" });

        // What Kestrel compares to find out whether it has to restart an endpoint.
        var kestrel = host.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value.ConfigurationLoader!.Configuration;
        Assert.Equal(["Url"], kestrel.GetSection("Endpoints:Web").GetChildren().Select(static child => child.Key));
        Assert.Equal("AwareOnly", kestrel["Endpoints:Web:TlsUpgrade:AcceptedClients"]);
        await host.StopAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Kestrel's callbacks are shown another configuration; nobody else is, and only while they run.</summary>
    [Fact]
    public async Task Callbacks_LeaveTheContextAsItWas()
    {
        var builder = WebApplication.CreateBuilder();
        WebHostBuilderContext? kept = null;
        IConfiguration? shown = null;
        await using var app = Build(builder, builder => builder.WebHost.ConfigureKestrel((context, _) => (kept, shown) = (context, context.Configuration)));
        await app.StartAsync(TestContext.Current.CancellationToken);
        Assert.NotSame(builder.Configuration, shown);
        Assert.Same(builder.Configuration, kept!.Configuration);
        await app.StopAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>An application that hands Kestrel its configuration by itself loses the view of these settings, not its connections.</summary>
    [Fact]
    public async Task OwnConfiguration_KestrelDoesNotSeeThemEither()
    {
        await using var app = Build(WebApplication.CreateBuilder(), static builder => builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.Configure(builder.Configuration.GetSection("Kestrel"), reloadOnChange: true)));
        await app.StartAsync(TestContext.Current.CancellationToken);
        var kestrel = app.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value.ConfigurationLoader!.Configuration;
        Assert.Equal(["Url"], kestrel.GetSection("Endpoints:Web").GetChildren().Select(static child => child.Key));
        await app.StopAsync(TestContext.Current.CancellationToken);
    }

    private static IHost Create(string shape) => shape switch
    {
        "CreateBuilder" => Build(WebApplication.CreateBuilder(), static _ => { }),
        "CreateSlimBuilder" => Build(WebApplication.CreateSlimBuilder(), static _ => { }),
        _ => Host.CreateDefaultBuilder()
            .ConfigureAppConfiguration(static configuration => configuration.AddInMemoryCollection(Settings))
            .ConfigureLogging(static logging => logging.ClearProviders())
            .ConfigureWebHostDefaults(static web => Upgrade(web).Configure(static app => app.Run(UpgradeServer.DescribeAsync)))
            .Build(),
    };

    private static WebApplication Build(WebApplicationBuilder builder, Action<WebApplicationBuilder> configure)
    {
        builder.Configuration.AddInMemoryCollection(Settings);
        builder.Logging.ClearProviders();
        Upgrade(builder.WebHost);
        configure(builder);
        return builder.Build();
    }

    private static IWebHostBuilder Upgrade(IWebHostBuilder web) =>
        web.UseTlsUpgrade(static options => options.Https.ServerCertificate = TestCertificates.Server);
}
