using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.Client.Tests.Sending;

/// <summary>A-06: what is said of a connection is true of the one that the response came over.</summary>
public sealed class ConnectionInfoTests
{
    private const string Clear = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nclear";
    private const string Demand =
        "HTTP/1.1 426 Upgrade Required\r\nUpgrade: TLS/1.2, HTTP/1.1\r\nConnection: Upgrade, close\r\nContent-Length: 0\r\n\r\n";

    /// <summary>Whoever is on the path can close the upgraded connection, and refuse another one in the server's name.</summary>
    [Theory]
    [InlineData(TlsUpgradeMode.Preferred)]
    [InlineData(TlsUpgradeMode.OnDemand)]
    public async Task A06_UpgradedConnectionLostAndTheNextRefused_ClearTextIsCalledThat(TlsUpgradeMode mode)
    {
        var upgrades = 0;
        await using var server = new ScriptedServer(async connection =>
        {
            var isOffer = (await connection.ReadHeadAsync()).StartsWith("OPTIONS", StringComparison.Ordinal);
            if (isOffer && Interlocked.Increment(ref upgrades) == 1)
            {
                await connection.SendAsync(ScriptedConnection.Switching);
                await connection.StartTlsAsync();
                await connection.SendAsync(ScriptedConnection.EmptyOk);
                await connection.ServeOnceAsync(ScriptedConnection.EmptyOk);
                await connection.ReadHeadAsync();
                return;
            }

            await connection.SendAsync(isOffer ? "HTTP/1.1 501 Not Implemented\r\nConnection: close\r\nContent-Length: 0\r\n\r\n" : upgrades == 0 ? Demand : Clear);
            if (!isOffer)
            {
                await connection.ServeAsync(Clear);
            }
        });
        using var client = TestClient.Create(mode);
        using (var first = await client.GetAsync(server.Uri + "1", TestContext.Current.CancellationToken))
        {
            Assert.True(first.GetTlsUpgradeInfo().IsUpgraded);
        }

        using var second = await client.GetAsync(server.Uri + "2", TestContext.Current.CancellationToken);
        Assert.Equal("clear", await second.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.False(second.GetTlsUpgradeInfo().IsUpgraded);
        Assert.Null(second.GetTlsUpgradeInfo().ServerCertificate);
    }

    [Fact]
    public async Task FlowOfTheCallerSuppressed_InfoIsThereAndTheFlowStaysSuppressed()
    {
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.UpgradeAndAnswerAsync();
            await connection.ServeAsync(ScriptedConnection.EmptyOk);
        });
        using var client = TestClient.Create();
        Task<HttpResponseMessage> sending;
        using (ExecutionContext.SuppressFlow())
        {
            sending = client.GetAsync(server.Uri, TestContext.Current.CancellationToken);
            Assert.True(ExecutionContext.IsFlowSuppressed());
        }

        using var response = await sending;
        Assert.True(response.GetTlsUpgradeInfo().IsUpgraded);
    }

    /// <summary>As with SocketsHttpHandler, a user interface may wait for a request on the thread that all its continuations need.</summary>
    [Fact]
    public async Task SynchronizationContextThatIsBlocked_IsNotNeeded()
    {
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.UpgradeAndAnswerAsync();
            await connection.ServeAsync(ScriptedConnection.EmptyOk);
        });
        using var invoker = new HttpMessageInvoker(TestClient.CreateHandler());
        var isAnswered = false;
        var thread = new Thread(() =>
        {
            SynchronizationContext.SetSynchronizationContext(new BlockedContext());
            using var request = new HttpRequestMessage(HttpMethod.Get, server.Uri);
            var sending = invoker.SendAsync(request, CancellationToken.None);
            isAnswered = sending.Wait(TimeSpan.FromSeconds(20)) && SynchronizationContext.Current is BlockedContext;
        });
        thread.Start();
        await Task.Run(thread.Join, TestContext.Current.CancellationToken);
        Assert.True(isAnswered);
    }

    [Fact]
    public async Task Versions_AreEqualToTheShared()
    {
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.UpgradeAndAnswerAsync();
            await connection.ServeOnceAsync(ScriptedConnection.EmptyOk);
            await connection.ServeOnceAsync("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n");
        });
        using var client = TestClient.Create();
        foreach (var version in new[] { System.Net.HttpVersion.Version11, System.Net.HttpVersion.Version10 })
        {
            using var response = await client.GetAsync(server.Uri, TestContext.Current.CancellationToken);
            Assert.Equal(version, response.Version);
            Assert.True(response.GetTlsUpgradeInfo().IsUpgraded);
        }
    }

    private sealed class BlockedContext : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state)
        {
        }
    }

    /// <summary>C-64, A-27: what the application writes in a flow of its own is no new request.</summary>
    [Fact]
    public async Task C64_A27_SwitchedProtocolInsideTls_CutIsAnError()
    {
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.UpgradeAndAnswerAsync();
            await connection.ReadHeadAsync();
            await connection.SendAsync("HTTP/1.1 101 Switching Protocols\r\nUpgrade: foo\r\nConnection: Upgrade\r\n\r\nhel");
            await connection.ReadTextAsync(1);
            connection.ShutdownTcp();
            await connection.ReadToEndAsync();
        });
        using var client = TestClient.Create();
        using var request = new HttpRequestMessage(HttpMethod.Get, server.Uri);
        request.Headers.TryAddWithoutValidation("Upgrade", "foo");
        request.Headers.TryAddWithoutValidation("Connection", "Upgrade");
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        await using var stream = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        var buffer = new byte[3];
        await stream.ReadExactlyAsync(buffer, TestContext.Current.CancellationToken);
        await stream.WriteAsync("x"u8.ToArray(), TestContext.Current.CancellationToken);
        await stream.FlushAsync(TestContext.Current.CancellationToken);
        await Assert.ThrowsAnyAsync<IOException>(
            async () => await stream.ReadAtLeastAsync(buffer, 1, throwOnEndOfStream: false, TestContext.Current.CancellationToken));
    }
}
