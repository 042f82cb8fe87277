using System.Net;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.FunctionalTests.Hosting;

/// <summary>What start-up says of endpoints that a host-wide call does not reach, or that it cannot serve.</summary>
public sealed class CoverageTests
{
    public static TheoryData<string> Methods => [nameof(WebHostBuilderTlsUpgradeExtensions.UseTlsUpgrade), "UseConnectTunnel", "UseProxyProtocol"];

    [Fact]
    public async Task Http2OnlyByDefault_NothingIsUpgraded_IsSaid()
    {
        await using var server = await UpgradeServer.StartAsync(static builder =>
        {
            builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["Kestrel:EndpointDefaults:Protocols"] = "Http2" });
            builder.WebHost.ConfigureKestrel(static (context, kestrel) => kestrel.Configure(context.Configuration.GetSection("Kestrel")));
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            builder.WebHost.UseTlsUpgrade();
        });
        var line = Assert.Single(server.Log.Lines, static line => line.Id.Name == "NothingUpgraded");
        Assert.Equal(LogLevel.Warning, line.Level);
        Assert.Contains($"http://127.0.0.1:{server.Port}", line.Message);
        Assert.Contains("Http2", line.Message);
        Assert.Contains("Protocols", line.Message);
    }

    [Fact]
    public async Task HttpsOnly_NothingIsUpgraded_IsInformation()
    {
        await using var server = await UpgradeServer.StartAsync(static builder =>
        {
            builder.WebHost.UseTlsUpgrade();
            builder.WebHost.ConfigureKestrel(static kestrel =>
                kestrel.Listen(IPAddress.Loopback, 0, static endpoint => endpoint.UseHttps(TestCertificates.Server)));
        });
        var line = Assert.Single(server.Log.Lines, static line => line.Id.Name == "OnlyHttps");
        Assert.Equal(LogLevel.Information, line.Level);
        Assert.DoesNotContain(server.Log.Lines, static line => line.Id.Name == "NothingUpgraded");
    }

    [Fact]
    public async Task OneIsUpgraded_NothingIsSaid()
    {
        await using var server = await UpgradeServer.StartAsync(static builder =>
        {
            builder.WebHost.UseTlsUpgrade(static options => options.Https.ServerCertificate = TestCertificates.Server);
            builder.WebHost.ConfigureKestrel(static kestrel =>
            {
                kestrel.Listen(IPAddress.Loopback, 0);
                kestrel.Listen(IPAddress.Loopback, 0, static endpoint => endpoint.Protocols = HttpProtocols.Http2);
            });
        });
        Assert.DoesNotContain(server.Log.Lines, static line => line.Id.Name is "NothingUpgraded" or "OnlyHttps" or "CallIgnored");
    }

    [Fact]
    public async Task HostWideAndNamed_Http2Only_Fails()
    {
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => UpgradeServer.StartAsync(static builder =>
        {
            builder.WebHost.UseTlsUpgrade(static options => options.Https.ServerCertificate = TestCertificates.Server);
            builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0, static endpoint =>
            {
                endpoint.Protocols = HttpProtocols.Http2;
                endpoint.UseTlsUpgrade();
            }));
        }));
        Assert.Contains("http://127.0.0.1:0", exception.Message);
        Assert.Contains("its protocols are Http2", exception.Message);
    }

    [Fact]
    public async Task HostWideAndNamed_Http2OnlyButDisabled_Starts()
    {
        await using var server = await UpgradeServer.StartAsync(static builder =>
        {
            builder.WebHost.UseTlsUpgrade(static options => options.Https.ServerCertificate = TestCertificates.Server);
            builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0, static endpoint =>
            {
                endpoint.Protocols = HttpProtocols.Http2;
                endpoint.UseTlsUpgrade(static options => options.Enabled = false);
            }));
        });
        Assert.Single(server.Addresses);
    }

    /// <summary>An application's own defaults reach all its endpoints, so they may be no more than a default for this one.</summary>
    [Fact]
    public async Task InTheApplicationsDefaults_Http2OnlyEndpoint_IsWarnedOf()
    {
        await using var server = await UpgradeServer.StartAsync(static builder =>
        {
            builder.WebHost.UseTlsUpgrade(static options => options.Https.ServerCertificate = TestCertificates.Server);
            builder.WebHost.ConfigureKestrel(static kestrel =>
            {
                kestrel.ConfigureEndpointDefaults(static endpoint => endpoint.UseTlsUpgrade());
                kestrel.Listen(IPAddress.Loopback, 0);
                kestrel.Listen(IPAddress.Loopback, 0, static endpoint => endpoint.Protocols = HttpProtocols.Http2);
            });
        });
        var line = Assert.Single(server.Log.Lines, static line => line.Id.Name == "CallIgnored");
        Assert.Equal(LogLevel.Warning, line.Level);
        Assert.Contains("its protocols are Http2", line.Message);
    }

    [Fact]
    public async Task HostWideAndNamed_TunnelOnHttp2Only_Fails()
    {
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => UpgradeServer.StartAsync(static builder =>
        {
            builder.WebHost.UseConnectTunnel();
            builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0, static endpoint =>
            {
                endpoint.Protocols = HttpProtocols.Http2;
                endpoint.UseConnectTunnel();
            }));
        }));
        Assert.Contains("its protocols are Http2", exception.Message);
    }

    [Fact]
    public async Task HostWideAndNamed_ProxyProtocolOnUnixSocket_Fails()
    {
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => UpgradeServer.StartAsync(static builder =>
        {
            builder.WebHost.UseProxyProtocol(static options => options.KnownProxies.Add(IPAddress.Loopback));
            builder.WebHost.ConfigureKestrel(static kestrel => kestrel.ListenUnixSocket(
                Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()), static endpoint => endpoint.UseProxyProtocol()));
        }));
        Assert.Contains("UseProxyProtocol()", exception.Message);
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public async Task DecoratedServer_IsKestrel(string method)
    {
        await using var server = await UpgradeServer.StartAsync(builder =>
        {
            Call(builder, method);
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            Decorate(builder.Services);
        });
        Assert.IsType<DecoratedServer>(server.Services.GetRequiredService<IServer>());
        Assert.DoesNotContain(server.Log.Lines, static line => line.Id.Name == "NotKestrel");
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public async Task DecoratedServer_MissedEndpoint_Fails(string method)
    {
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => UpgradeServer.StartAsync(builder =>
        {
            Call(builder, method);
            builder.WebHost.ConfigureKestrel(static kestrel => kestrel.ConfigureEndpointDefaults(static _ => { }));
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            Decorate(builder.Services);
        }));
        Assert.Contains($"{method}() does not reach http://127.0.0.1:", exception.Message);
    }

    private static void Call(WebApplicationBuilder builder, string method) => _ = method switch
    {
        "UseConnectTunnel" => builder.WebHost.UseConnectTunnel(),
        "UseProxyProtocol" => builder.WebHost.UseProxyProtocol(static options => options.KnownProxies.Add(IPAddress.Loopback)),
        _ => builder.WebHost.UseTlsUpgrade(static options => options.Https.ServerCertificate = TestCertificates.Server),
    };

    /// <summary>Wraps the server as libraries do that have work at its start, such as CoreWCF.</summary>
    private static void Decorate(IServiceCollection services)
    {
        var server = services.Last(static service => service.ServiceType == typeof(IServer));
        services.Remove(server);
        services.AddSingleton<IServer>(provider =>
            new DecoratedServer((IServer)ActivatorUtilities.CreateInstance(provider, server.ImplementationType!)));
    }

    private sealed class DecoratedServer(IServer inner) : IServer
    {
        public IFeatureCollection Features => inner.Features;

        public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
            where TContext : notnull => inner.StartAsync(application, cancellationToken);

        public Task StopAsync(CancellationToken cancellationToken) => inner.StopAsync(cancellationToken);

        public void Dispose() => inner.Dispose();
    }
}
