using System.Net.WebSockets;
using System.Text;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;

namespace KestrelTlsUpgrade.FunctionalTests.Interop;

/// <summary>The other use of Upgrade, on the same endpoint.</summary>
public sealed class WebSocketTests
{
    [Theory]
    [InlineData("ws")]
    [InlineData("wss")]
    public async Task WebSocket_OnAnUpgradeEndpoint_GoesOnAsBefore(string scheme)
    {
        await using var server = await UpgradeServer.StartAsync(
            options => options.DirectTls = DirectTlsMode.Any,
            server: options => options.Limits.MaxConcurrentConnections = 1,
            app: app =>
            {
                app.UseWebSockets();
                app.Run(async context =>
                {
                    using var socket = await context.WebSockets.AcceptWebSocketAsync();
                    var buffer = new byte[64];
                    var received = await socket.ReceiveAsync(buffer, default);
                    await socket.SendAsync(buffer.AsMemory(0, received.Count), WebSocketMessageType.Text, endOfMessage: true, default);
                    await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, default);
                });
            });
        // The limit is on HTTP connections: Kestrel lets go of one that has become a WebSocket, so both can be open at once.
        using var first = await ConnectAsync(server, scheme);
        using var second = await ConnectAsync(server, scheme);
        await EchoAsync(first, "one");
        await EchoAsync(second, "two");
    }

    private static async Task<ClientWebSocket> ConnectAsync(UpgradeServer server, string scheme)
    {
        using var timeout = new CancellationTokenSource(RawConnection.Patience);
        var client = new ClientWebSocket();
        client.Options.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        await client.ConnectAsync(new Uri($"{scheme}://localhost:{server.Port}/"), timeout.Token);
        return client;
    }

    private static async Task EchoAsync(ClientWebSocket client, string message)
    {
        using var timeout = new CancellationTokenSource(RawConnection.Patience);
        await client.SendAsync(Encoding.ASCII.GetBytes(message), WebSocketMessageType.Text, endOfMessage: true, timeout.Token);
        var buffer = new byte[64];
        var received = await client.ReceiveAsync(buffer.AsMemory(), timeout.Token);
        Assert.Equal(message, Encoding.ASCII.GetString(buffer, 0, received.Count));
        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, null, timeout.Token);
    }
}
