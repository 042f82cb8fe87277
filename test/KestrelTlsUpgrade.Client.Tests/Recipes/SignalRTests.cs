using System.Net.WebSockets;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.Http.Connections.Client;
using Microsoft.AspNetCore.Http.Connections.Features;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;

namespace KestrelTlsUpgrade.Client.Tests.Recipes;

/// <summary>A SignalR client all of whose transports are upgraded.</summary>
public sealed class SignalRTests
{
    private static void Use(HttpConnectionOptions options, HttpMessageHandler upgrading)
    {
        options.HttpMessageHandlerFactory = _ => upgrading;
        options.WebSocketFactory = async (context, cancellationToken) =>
        {
            var socket = new ClientWebSocket();
            using var invoker = new HttpMessageInvoker(upgrading, disposeHandler: false);
            await socket.ConnectAsync(context.Uri, invoker, cancellationToken);
            return socket;
        };
    }

    [Theory]
    [InlineData(HttpTransportType.WebSockets)]
    [InlineData(HttpTransportType.ServerSentEvents)]
    [InlineData(HttpTransportType.LongPolling)]
    public async Task Hub_EachTransport_IsUpgraded(HttpTransportType transport)
    {
        await using var server = await UpgradeServer.StartAsync(
            services: services => services.AddSignalR(),
            app: app => app.MapHub<StateHub>("/hub").RequireTlsUpgrade());
        var upgrading = TestClient.CreateHandler();
        await using var connection = new HubConnectionBuilder()
            .WithUrl($"http://localhost:{server.Port}/hub", transport, options => Use(options, upgrading))
            .Build();
        await connection.StartAsync(TestContext.Current.CancellationToken);
        var state = await connection.InvokeAsync<string>("GetState", TestContext.Current.CancellationToken);
        Assert.Equal($"https {transport}", state);
    }

    private sealed class StateHub : Hub
    {
        public string GetState() =>
            $"{Context.GetHttpContext()!.Request.Scheme} {Context.Features.Get<IHttpTransportFeature>()!.TransportType}";
    }
}
