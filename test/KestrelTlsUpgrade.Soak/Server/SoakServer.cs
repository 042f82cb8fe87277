using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace KestrelTlsUpgrade.Soak.Server;

/// <summary>The server, in a process of its own. Standard input asks for samples; errors in its log go to standard error.</summary>
internal static class SoakServer
{
    public static async Task<int> RunAsync(ServerArguments arguments)
    {
        var activity = new ServerActivity();
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            // A file for both, so that a renewal changes both at once.
            ["TlsUpgrade:Certificate:Path"] = arguments.CertificatePath,
            ["TlsUpgrade:Certificate:KeyPath"] = arguments.CertificatePath,
            ["TlsUpgrade:DirectTls"] = nameof(DirectTlsMode.Any),
            ["TlsUpgrade:Advertise"] = nameof(TlsUpgradeAdvertisement.OncePerConnection),
        });
        builder.Logging.SetMinimumLevel(LogLevel.Error).AddSimpleConsole(static console => console.SingleLine = true);
        builder.Services.Configure<ConsoleLoggerOptions>(static console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Services.Configure<HostOptions>(static host => host.ShutdownTimeout = TimeSpan.FromMinutes(2));
        builder.Services.AddSingleton(activity);
        builder.Services.AddHostedService<Drain>();
        builder.WebHost.UseKestrelCore().UseTlsUpgrade();
        builder.Services.AddSingleton<SocketTransportFactory>();
        builder.Services.AddSingleton<IConnectionListenerFactory, DrainingListenerFactory>();
        builder.WebHost.ConfigureKestrel(server =>
        {
            // Idle connections are held for longer than Kestrel would.
            server.Limits.KeepAliveTimeout = TimeSpan.FromDays(1);
            server.ListenHandle(arguments.Web);
            server.ListenHandle(arguments.Tunnel, endpoint =>
            {
                endpoint.Use(next => connection => activity.CountTunnelAsync(() => next(connection)));
                endpoint.UseConnectTunnel(tunnel =>
                {
                    tunnel.AllowedPorts.Add(arguments.WebPort);
                    tunnel.AllowedOwnPorts.Add(arguments.WebPort);
                    tunnel.AllowedNetworks.Add(IPNetwork.Parse("127.0.0.0/8"));
                });
            });
        });
        await using var app = builder.Build();
        app.Run(new SoakApplication(activity).HandleAsync);
        await app.StartAsync();
        Console.WriteLine("ready");
        new Thread(() => AnswerQuestions(activity)) { IsBackground = true }.Start();
        await app.WaitForShutdownAsync();
        Console.WriteLine(ServerSample.Take(activity).ToJson());
        return 0;
    }

    private static void AnswerQuestions(ServerActivity activity)
    {
        while (Console.ReadLine() is { } question)
        {
            if (question == "collect")
            {
                ServerSample.Collect();
            }

            Console.WriteLine(ServerSample.Take(activity).ToJson());
        }

        // Whoever asks is gone.
        Environment.Exit(1);
    }
}
