using System.Net.WebSockets;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;

namespace KestrelTlsUpgrade.FunctionalTests.Combinations;

/// <summary>SignalR, and with it WebSockets, over upgraded connections.</summary>
public sealed class SignalRTests
{
    [Theory]
    [InlineData(HttpTransportType.WebSockets)]
    [InlineData(HttpTransportType.ServerSentEvents)]
    [InlineData(HttpTransportType.LongPolling)]
    public async Task Hub_OverUpgradedConnection_Answers(HttpTransportType transport)
    {
        await using var server = await StartAsync();
        await using var client = new HubConnectionBuilder()
            .WithUrl("http://localhost/hub", transport, options =>
            {
                options.HttpMessageHandlerFactory = _ => UpgradingHttpHandler.Create(server.EndPoint);
                options.WebSocketFactory = async (context, cancellationToken) =>
                {
                    var socket = new ClientWebSocket();
                    using var invoker = new HttpMessageInvoker(UpgradingHttpHandler.Create(server.EndPoint), disposeHandler: false);
                    await socket.ConnectAsync(context.Uri, invoker, cancellationToken);
                    return socket;
                };
            })
            .Build();
        await client.StartAsync(TestContext.Current.CancellationToken);
        foreach (var text in new[] { "one", "two" })
        {
            Assert.Equal($"https {text}", await client.InvokeAsync<string>("Echo", text, TestContext.Current.CancellationToken));
        }
    }

    [Theory]
    [InlineData(HttpTransportType.WebSockets)]
    [InlineData(HttpTransportType.LongPolling)]
    public async Task Hub_ClearText_Refused(HttpTransportType transport)
    {
        await using var server = await StartAsync();
        await using var client = new HubConnectionBuilder()
            .WithUrl($"http://localhost:{server.Port}/hub", transport, options => options.SkipNegotiation = transport is HttpTransportType.WebSockets)
            .Build();
        var refusal = await Assert.ThrowsAnyAsync<Exception>(() => client.StartAsync(TestContext.Current.CancellationToken));
        Assert.Contains("426", refusal.ToString());
    }

    private static Task<UpgradeServer> StartAsync() => UpgradeServer.StartAsync(
        services: services => services.AddSignalR(),
        app: app => app.MapHub<EchoHub>("/hub"));

    [RequireTlsUpgrade]
    private sealed class EchoHub : Hub
    {
        public string Echo(string text) => $"{Context.GetHttpContext()!.Request.Scheme} {text}";
    }
}
