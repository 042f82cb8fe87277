using System.Net;
using KestrelTlsUpgrade.Internal.Certificates.SharedNames;
using KestrelTlsUpgrade.Internal.Requiring.Attributes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.Testing;

/// <summary>Real Kestrel on a loopback port. It fails the test that logged an error it did not say it expects.</summary>
internal sealed class UpgradeServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private UpgradeServer(WebApplication app, LogCollector log)
    {
        _app = app;
        Log = log;
    }

    public LogCollector Log { get; }

    public IServiceProvider Services => _app.Services;

    public IHostApplicationLifetime Lifetime => _app.Lifetime;

    /// <summary>Log lines at error level that are part of the test.</summary>
    public Func<LogLine, bool> IsExpected { get; set; } = _ => false;

    public IReadOnlyList<string> Addresses =>
        [.. _app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses];

    public int Port => new Uri(Addresses[0]).Port;

    public IPEndPoint EndPoint => new(IPAddress.Loopback, Port);

    /// <summary>Starts a server with one endpoint.</summary>
    /// <param name="upgrade">The endpoint's settings.</param>
    /// <param name="server">The server's settings.</param>
    /// <param name="app">The application; by default it tells how each request arrived.</param>
    /// <param name="services">Further services.</param>
    /// <param name="isUpgradable">False for the same server without the middleware.</param>
    /// <param name="endpoint">Further settings of the endpoint, made before the middleware is added.</param>
    public static Task<UpgradeServer> StartAsync(
        Action<TlsUpgradeOptions>? upgrade = null,
        Action<KestrelServerOptions>? server = null,
        Action<WebApplication>? app = null,
        Action<IServiceCollection>? services = null,
        bool isUpgradable = true,
        Action<ListenOptions>? endpoint = null) =>
        StartAsync(
            builder =>
            {
                builder.Services.AddTlsUpgrade();
                services?.Invoke(builder.Services);
                builder.WebHost.ConfigureKestrel(options =>
                {
                    server?.Invoke(options);
                    options.Listen(IPAddress.Loopback, 0, listen =>
                    {
                        endpoint?.Invoke(listen);
                        if (isUpgradable)
                        {
                            listen.UseTlsUpgrade(settings =>
                            {
                                settings.Https.ServerCertificate = TestCertificates.Server;
                                upgrade?.Invoke(settings);
                            });
                        }
                    });
                });
            },
            app);

    /// <summary>Starts a server that is set up freely.</summary>
    public static async Task<UpgradeServer> StartAsync(
        Action<WebApplicationBuilder> configure, Action<WebApplication>? app = null, string environment = "Production")
    {
        var log = new LogCollector();
        var builder = WebApplication.CreateEmptyBuilder(new() { EnvironmentName = environment });
        builder.WebHost.UseKestrelCore();
        builder.Services.AddRoutingCore();

        // Servers of tests that run at the same time do not look at each other, and the types of other tests are none of theirs.
        builder.Services.AddSingleton(new ServersInProcess());
        builder.Services.AddSingleton(new ApplicationAssemblies());
        builder.Logging.AddProvider(log).SetMinimumLevel(LogLevel.Debug);

        // The clients of a test have one address and no name. Here they have nothing to do with each other: the failure of one does not keep
        // another in clear text, and nobody waits for the outcome of another's handshake.
        builder.Configuration.AddInMemoryCollection([new("TlsUpgrade:FallbackLifetime", "00:00:00")]);
        configure(builder);
        var built = builder.Build();
        (app ?? Describe)(built);
        try
        {
            await built.StartAsync();
        }
        catch
        {
            await built.DisposeAsync();
            throw;
        }

        return new UpgradeServer(built, log);
    }

    public Task<RawConnection> ConnectAsync() => RawConnection.OpenAsync(EndPoint);

    public Task StopAsync(CancellationToken cancellationToken = default) => _app.StopAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        var unexpected = Log.Lines.Where(line => line.Level >= LogLevel.Error && !IsExpected(line)).ToArray();
        Assert.True(unexpected.Length == 0, string.Join("\n", unexpected.AsEnumerable()));
    }

    /// <summary>Tells how a request arrived, in words that a test can look for.</summary>
    public static void Describe(WebApplication app) => app.Run(DescribeAsync);

    public static Task DescribeAsync(HttpContext context)
    {
        var upgrade = context.Features.Get<ITlsUpgradeFeature>();
        var handshake = context.Features.Get<ITlsHandshakeFeature>();
        return context.Response.WriteAsync(
            $"{context.Request.Method} {context.Request.Path} scheme={context.Request.Scheme} state={upgrade?.State} token={upgrade?.Token} "
            + $"replayed={upgrade?.IsReplayedRequest} aware={upgrade?.IsAwareClient} tls={handshake?.Protocol} host={context.Request.Host} "
            + $"certificate={context.Connection.ClientCertificate?.Subject} upgrade={context.Request.Headers.Upgrade} "
            + $"connection={context.Request.Headers.Connection}");
    }
}
