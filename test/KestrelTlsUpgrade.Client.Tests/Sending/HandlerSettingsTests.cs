using System.Net;
using System.Net.Security;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.Client.Tests.Sending;

/// <summary>The settings of the handler and of the one inside it.</summary>
public sealed class HandlerSettingsTests
{
    public static TheoryData<Action<TlsUpgradeClientOptions>, string> BadSettings { get; } = new()
    {
        { options => options.Mode = (TlsUpgradeMode)7, "Mode is 7" },
        { options => options.UpgradeTimeout = TimeSpan.Zero, "UpgradeTimeout is 00:00:00" },
        { options => options.UpgradeTimeout = TimeSpan.FromDays(100), "UpgradeTimeout is 100.00:00:00" },
        { options => options.RefusalLifetime = TimeSpan.FromSeconds(-1), "RefusalLifetime is -00:00:01" },
        { options => options.DemandLifetime = TimeSpan.FromSeconds(-1), "DemandLifetime is -00:00:01" },
        { options => options.MaxUpgradeResponseHeadSize = 0, "MaxUpgradeResponseHeadSize is 0" },
        { options => options.MaxUpgradeResponseContentSize = -1, "MaxUpgradeResponseContentSize is -1" },
        { options => options.MaxInterimResponses = -1, "MaxInterimResponses is -1" },
        { options => options.SslOptions.ApplicationProtocols = [SslApplicationProtocol.Http2], "ApplicationProtocols is h2" },
        { options => options.SslOptions.ApplicationProtocols = [SslApplicationProtocol.Http11, new("x")], "ApplicationProtocols is http/1.1, x" },
        { options => options.SslOptions.TargetHost = "b.test", "TargetHost is 'b.test'" },
    };

    [Theory]
    [MemberData(nameof(BadSettings), DisableDiscoveryEnumeration = true)]
    public void Constructor_BadSetting_IsNamed(Action<TlsUpgradeClientOptions> change, string message)
    {
        var options = new TlsUpgradeClientOptions();
        change(options);
        var exception = Assert.Throws<ArgumentException>(() => new TlsUpgradeHttpHandler(options));
        Assert.Contains(message, exception.Message);
        Assert.Equal("options", exception.ParamName);
    }

    [Fact]
    public void Constructor_Defaults_AreGood()
    {
        new TlsUpgradeHttpHandler().Dispose();
        new TlsUpgradeHttpHandler(new TlsUpgradeClientOptions
        {
            UpgradeTimeout = Timeout.InfiniteTimeSpan,
            RefusalLifetime = Timeout.InfiniteTimeSpan,
            DemandLifetime = TimeSpan.Zero,
            MaxUpgradeResponseContentSize = 0,
            SslOptions = new() { ApplicationProtocols = [SslApplicationProtocol.Http11] },
        }).Dispose();
    }

    [Fact]
    public void NullArguments_Throw()
    {
        Assert.Throws<ArgumentNullException>(() => new TlsUpgradeHttpHandler(null!));
        Assert.Throws<ArgumentNullException>(() => new TlsUpgradeHttpHandler(new(), null!));
        Assert.Throws<ArgumentNullException>(() => new TlsUpgradeClientOptions { SslOptions = null! });
        Assert.Throws<ArgumentNullException>(() => new TlsUpgradeClientOptions { TimeProvider = null! });
        Assert.Throws<ArgumentNullException>(() => HttpResponseMessageTlsUpgradeExtensions.GetTlsUpgradeInfo(null!));
    }

    [Fact]
    public void GetTlsUpgradeInfo_OfAnotherHandler_IsNotUpgraded()
    {
        Assert.False(new HttpResponseMessage().GetTlsUpgradeInfo().IsUpgraded);
        Assert.False(new HttpResponseMessage { RequestMessage = new() }.GetTlsUpgradeInfo().IsUpgraded);
    }

    [Fact]
    public async Task Cookies_AreShared()
    {
        await using var server = new ScriptedServer(async connection =>
        {
            while (await connection.ReadHeadAsync() is { Length: > 0 } head)
            {
                if (head.StartsWith("OPTIONS", StringComparison.Ordinal))
                {
                    await connection.SendAsync(ScriptedConnection.Switching);
                    await connection.StartTlsAsync();
                    await connection.SendAsync(ScriptedConnection.EmptyOk);
                }
                else
                {
                    await connection.SendAsync(connection.Tls is null
                        ? "HTTP/1.1 200 OK\r\nUpgrade: TLS/1.2\r\nConnection: upgrade\r\nSet-Cookie: a=1\r\nContent-Length: 0\r\n\r\n"
                        : ScriptedConnection.EmptyOk);
                }
            }
        });
        using var client = TestClient.Create(TlsUpgradeMode.OnDemand);
        (await client.GetAsync(server.Uri)).Dispose();
        using var second = await client.GetAsync(server.Uri);
        Assert.True(second.GetTlsUpgradeInfo().IsUpgraded);
        Assert.Contains("Cookie: a=1", server.Heads[2]);
    }

    [Fact]
    public async Task ConnectTimeout_IncludesTheUpgrade()
    {
        await using var server = new ScriptedServer(connection => connection.ReadToEndAsync());
        using var client = TestClient.Create(handler: handler => handler.ConnectTimeout = TimeSpan.FromMilliseconds(50));
        var exception = await Assert.ThrowsAsync<TaskCanceledException>(() => client.GetAsync(server.Uri));
        Assert.IsType<TimeoutException>(exception.InnerException);
        await server.EndedAsync();
    }

    [Fact]
    public async Task PlaintextStreamFilter_SeesWhatIsInsideTls()
    {
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.UpgradeAndAnswerAsync();
            await connection.ServeAsync(ScriptedConnection.EmptyOk);
        });
        KestrelTlsUpgrade.Testing.TapStream? tap = null;
        using var client = TestClient.Create(handler: handler => handler.PlaintextStreamFilter = (context, _) =>
            ValueTask.FromResult<Stream>(tap = new(context.PlaintextStream)));
        (await client.GetAsync(server.Uri)).Dispose();
        Assert.StartsWith("GET / HTTP/1.1\r\n", System.Text.Encoding.Latin1.GetString(tap!.Sent));
        Assert.True(Assert.Single(server.Connections).Heads.Count == 2);
    }

    [Fact]
    public async Task UnreachableServer_FailsAsForAnyHandler()
    {
        string uri;
        await using (var server = new ScriptedServer(_ => Task.CompletedTask))
        {
            uri = server.Uri;
        }

        using var client = TestClient.Create();
        var exception = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(uri));
        Assert.Equal(HttpRequestError.ConnectionError, exception.HttpRequestError);
        Assert.IsType<System.Net.Sockets.SocketException>(exception.InnerException);
    }

    [Fact]
    public async Task Disposed_Throws()
    {
        var client = new HttpMessageInvoker(TestClient.CreateHandler());
        client.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(
            () => client.SendAsync(new HttpRequestMessage(HttpMethod.Get, "http://a.test/"), CancellationToken.None));
    }

    [Fact]
    public async Task ParkedConnection_IsNotForHttps()
    {
        // The server refuses the upgrade in clear text, and speaks https on the same port.
        await using var server = new ScriptedServer(async connection =>
        {
            if (connection.Number == 0)
            {
                await connection.ServeAsync(ScriptedConnection.EmptyOk);
                return;
            }

            await connection.StartTlsAsync(options => options.ApplicationProtocols = null);
            await connection.ServeAsync(ScriptedConnection.EmptyOk);
        });
        using var client = TestClient.Create(TlsUpgradeMode.Preferred);
        (await client.GetAsync(server.Uri)).Dispose();
        using var response = await client.GetAsync($"https://127.0.0.1:{server.Port}/");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }
}
