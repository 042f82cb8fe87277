using System.Net;
using KestrelTlsUpgrade.Client.Tests.Support;
using KestrelTlsUpgrade.Testing;
using Microsoft.Extensions.Time.Testing;

namespace KestrelTlsUpgrade.Client.Tests.Faults;

/// <summary>Servers that answer wrongly, without end or not at all.</summary>
public sealed class HostileServerTests
{
    private static async Task<HttpRequestException> FailAsync(
        Func<ScriptedConnection, Task> script, TlsUpgradeMode mode = TlsUpgradeMode.Required, Action<TlsUpgradeClientOptions>? configure = null)
    {
        var ledger = new SocketLedger();
        await using var server = new ScriptedServer(script);
        using var client = TestClient.Create(mode, configure, handler => handler.ConnectCallback = ledger.Connect(server.Port));
        var exception = await Assert.ThrowsAsync<HttpRequestException>(() => client.PostAsync(server.Uri, new StringContent("secret")));
        Assert.Contains($"127.0.0.1:{server.Port}", exception.Message);
        await ledger.AllClosedAsync();
        await server.EndedAsync();
        Assert.All(server.Heads, head => Assert.DoesNotContain("POST", head));
        return exception;
    }

    private static async Task SendForEverAsync(ScriptedConnection connection, string text)
    {
        while (true)
        {
            await connection.SendAsync(text);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 101 ")]
    [InlineData("HTTP/1.1 101 Switching Protocols\r\nUpgrade: TLS/1.2\r\nX: ")]
    public async Task HeadWithoutEnd_IsLimited(string start)
    {
        var exception = await FailAsync(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.SendAsync(start);
            await SendForEverAsync(connection, start.Length == 0 ? "HTTP/1.1 " : new string('x', 8192));
        });
        Assert.Equal(HttpRequestError.ConfigurationLimitExceeded, exception.HttpRequestError);
        Assert.Contains("MaxUpgradeResponseHeadSize", exception.Message);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task TenMegabytesOfFields_AreLimited(bool isInsideTls)
    {
        var fields = string.Concat(Enumerable.Range(0, 10_000).Select(i => $"X-{i:D5}: {new string('x', 1000)}\r\n"));
        var exception = await FailAsync(async connection =>
        {
            if (isInsideTls)
            {
                await connection.UpgradeAsync();
                await connection.SendAsync("HTTP/1.1 200 OK\r\n" + fields + "\r\n");
            }
            else
            {
                await connection.ReadHeadAsync();
                await connection.SendAsync(ScriptedConnection.Switching[..^2] + fields + "\r\n");
            }

            await connection.ReadToEndAsync();
        });
        Assert.Equal(HttpRequestError.ConfigurationLimitExceeded, exception.HttpRequestError);
    }

    [Theory]
    [InlineData(1000, true)]
    [InlineData(1001, false)]
    public async Task MaxAnswerHeadSize_IsExact(int size, bool isAccepted)
    {
        await using var server = new ScriptedServer(async connection =>
        {
            const string Start = "HTTP/1.1 101 S\r\nUpgrade: TLS/1.2\r\nX: ";
            await connection.UpgradeAsync(Start + new string('x', size - Start.Length - 4) + "\r\n\r\n");
            await connection.SendAsync(ScriptedConnection.EmptyOk);
            await connection.ServeAsync(ScriptedConnection.EmptyOk);
        });
        using var client = TestClient.Create(configure: options => options.MaxUpgradeResponseHeadSize = 1000);
        var exception = await Record.ExceptionAsync(() => client.GetAsync(server.Uri));
        Assert.Equal(isAccepted, exception is null);
    }

    [Theory]
    [InlineData("Content-Length: 5\r\n\r\nhello", 5, 1)]
    [InlineData("Content-Length: 5\r\n\r\nhello", 4, 2)]
    [InlineData("Content-Length: 0\r\n\r\n", 0, 1)]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", 15, 1)]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", 14, 2)]
    public async Task MaxAnswerContentSize_IsExact(string rest, int size, int connections)
    {
        await using var server = new ScriptedServer(async connection =>
        {
            while (await connection.ReadHeadAsync() is { Length: > 0 } head)
            {
                await connection.SendAsync(head.StartsWith("OPTIONS", StringComparison.Ordinal)
                    ? "HTTP/1.1 501 Not Implemented\r\n" + rest
                    : ScriptedConnection.EmptyOk);
            }
        });
        using var client = TestClient.Create(TlsUpgradeMode.Preferred, options => options.MaxUpgradeResponseContentSize = size);
        (await client.GetAsync(server.Uri)).Dispose();
        Assert.Equal(connections, server.Connections.Length);
    }

    [Theory]
    [InlineData("\x16\x03\x03\x00\x02\x02\x28")]
    [InlineData("SSH-2.0-x\r\n")]
    [InlineData("HTTP/2.0 101 S\r\nUpgrade: TLS/1.2\r\n\r\n")]
    [InlineData("HTTP/1.1 101 S\nUpgrade: TLS/1.2\n\n\r\n\r\n")]
    [InlineData("HTTP/1.1 099 S\r\nUpgrade: TLS/1.2\r\n\r\n")]
    [InlineData("HTTP/1.1 +01 S\r\nUpgrade: TLS/1.2\r\n\r\n")]
    [InlineData("HTTP/1.1 1010 S\r\nUpgrade: TLS/1.2\r\n\r\n")]
    [InlineData("HTTP/1.1 101 S\r\nUpgrade : TLS/1.2\r\n\r\n")]
    [InlineData("HTTP/1.1 101 S\r\nX: y\r\n Upgrade: TLS/1.2\r\n\r\n")]
    [InlineData("HTTP/1.1 101 S\r\nUpgrade: TLS/1.2\0\r\n\r\n")]
    [InlineData("HTTP/1.1 101 S\r\nno colon\r\nUpgrade: TLS/1.2\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\nx")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\nx")]
    public async Task WhatIsNotHttp_Fails(string answer)
    {
        foreach (var mode in new[] { TlsUpgradeMode.Required, TlsUpgradeMode.Preferred })
        {
            var exception = await FailAsync(
                async connection =>
                {
                    await connection.ReadHeadAsync();
                    await connection.SendAsync(answer);
                    await connection.ReadToEndAsync();
                },
                mode);
            Assert.Equal(HttpRequestError.InvalidResponse, exception.HttpRequestError);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Silence_AtEachStep_EndsAtTheDeadline(int step)
    {
        var time = new FakeTimeProvider();
        var exception = await FailAsync(
            async connection =>
            {
                await connection.ReadHeadAsync();
                if (step > 0)
                {
                    await connection.SendAsync(step == 1 ? ScriptedConnection.Switching[..30] : ScriptedConnection.Switching);
                }

                if (step == 2)
                {
                    await connection.ReadSomeAsync();
                }

                if (step == 3)
                {
                    await connection.StartTlsAsync();
                }

                time.Advance(TimeSpan.FromSeconds(16));
                await connection.ReadToEndAsync();
            },
            configure: options =>
            {
                options.TimeProvider = time;
                options.UpgradeTimeout = TimeSpan.FromSeconds(15);
            });
        Assert.IsType<TimeoutException>(exception.InnerException);
        Assert.Contains("UpgradeTimeout", exception.Message);
        Assert.Equal(HttpRequestError.ConnectionError, exception.HttpRequestError);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFF\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n")]
    public async Task RefusalWithoutEnd_InPreferred_GoesOnOnAnotherConnection(string head)
    {
        var ledger = new SocketLedger();
        await using var server = new ScriptedServer(async connection =>
        {
            if ((await connection.ReadHeadAsync()).StartsWith("OPTIONS", StringComparison.Ordinal))
            {
                await connection.SendAsync(head);
                await SendForEverAsync(connection, "X: " + new string('x', 1000) + "\r\n");
            }

            await connection.SendAsync(ScriptedConnection.EmptyOk);
            await connection.ServeAsync(ScriptedConnection.EmptyOk);
        });
        using (var client = TestClient.Create(TlsUpgradeMode.Preferred, handler: handler => handler.ConnectCallback = ledger.Connect(server.Port)))
        {
            using var response = await client.GetAsync(server.Uri);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal(2, ledger.Opened);
        }

        await ledger.AllClosedAsync();
    }

    [Fact]
    public async Task RefusalThatStalls_InPreferred_GoesOnOnAnotherConnection()
    {
        var time = new FakeTimeProvider();
        await using var server = new ScriptedServer(async connection =>
        {
            if ((await connection.ReadHeadAsync()).StartsWith("OPTIONS", StringComparison.Ordinal))
            {
                await connection.SendAsync("HTTP/1.1 501 Not Implemented\r\nContent-Length: 5\r\n\r\nhal");
                var end = connection.ReadToEndAsync();
                while (!end.IsCompleted)
                {
                    time.Advance(TimeSpan.FromSeconds(1));
                    await Task.WhenAny(end, Task.Delay(20));
                }

                return;
            }

            await connection.SendAsync(ScriptedConnection.EmptyOk);
        });
        using var client = TestClient.Create(TlsUpgradeMode.Preferred, options =>
        {
            options.TimeProvider = time;
            options.UpgradeTimeout = Timeout.InfiniteTimeSpan;
        });
        using var response = await client.GetAsync(server.Uri);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(2, server.Connections.Length);
    }

    [Theory]
    [InlineData("HTTP/1.1 501 Not Implemented\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", 2)]
    [InlineData("HTTP/1.0 501 Not Implemented\r\nContent-Length: 0\r\n\r\n", 2)]
    [InlineData("HTTP/1.1 501 Not Implemented\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged", 2)]
    [InlineData("HTTP/1.1 501 Not Implemented\r\nContent-Length: 5\r\n\r\nsorry", 1)]
    [InlineData("HTTP/1.1 501 Not Implemented\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nsorry\r\n0\r\n\r\n", 1)]
    [InlineData("HTTP/1.1 204 No Content\r\n\r\n", 1)]
    public async Task Refusal_InPreferred_KeepsTheConnectionOnlyWhereItCan(string answer, int connections)
    {
        await using var server = new ScriptedServer(async connection =>
        {
            if ((await connection.ReadHeadAsync()).StartsWith("OPTIONS", StringComparison.Ordinal))
            {
                await connection.SendAsync(answer);
                await connection.ServeAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
                return;
            }

            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        });
        using var client = TestClient.Create(TlsUpgradeMode.Preferred);
        Assert.Equal("ok", await client.GetStringAsync(server.Uri));
        Assert.Equal(connections, server.Connections.Length);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", true)]
    [InlineData("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", false)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", true)]
    [InlineData("HTTP/1.1 200 OK\r\n\r\n", false)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 70000\r\n\r\nx", false)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n", false)]
    public async Task AnswerInsideTlsThatLeavesNoConnection_UpgradesWithGet(string answer, bool isSilent)
    {
        var time = new FakeTimeProvider();
        await using var server = new ScriptedServer(async connection =>
        {
            if ((await connection.UpgradeAsync()).StartsWith("OPTIONS", StringComparison.Ordinal))
            {
                await connection.SendAsync(answer);
                if (isSilent)
                {
                    // The client has read the head once it waits for what does not come.
                    var end = connection.ReadToEndAsync();
                    while (!end.IsCompleted)
                    {
                        time.Advance(TimeSpan.FromSeconds(1));
                        await Task.WhenAny(end, Task.Delay(20));
                    }

                    return;
                }

                await connection.ReadToEndAsync();
                return;
            }

            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n" + new string('x', 1234));
            await connection.ServeAsync(ScriptedConnection.EmptyOk);
        });
        using var client = TestClient.Create(configure: options =>
        {
            options.TimeProvider = time;
            options.UpgradeTimeout = Timeout.InfiniteTimeSpan;
        });
        using var response = await client.GetAsync(server.Uri + "x");
        Assert.True(response.GetTlsUpgradeInfo().IsUpgraded);
        Assert.Equal(["OPTIONS *", "GET /", "GET /x"], server.Heads.Select(head => head.Split(" HTTP")[0]));
    }

    /// <summary>One bad answer, of a server that was being restarted for instance, does not count for ever.</summary>
    [Fact]
    public async Task AnswerInsideTlsThatEndsTheConnection_OptionsIsTriedAgainLater()
    {
        const string Last = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.UpgradeAndAnswerAsync(connection.Number == 0 ? Last : ScriptedConnection.EmptyOk);
            if (connection.Number > 0)
            {
                await connection.ServeOnceAsync(Last);
            }
        });
        var time = new FakeTimeProvider();
        using var client = TestClient.Create(configure: options => options.TimeProvider = time);
        using (await client.GetAsync(server.Uri, TestContext.Current.CancellationToken))
        {
            Assert.StartsWith("GET / ", server.Connections[^1].Heads[0], StringComparison.Ordinal);
        }

        time.Advance(TimeSpan.FromMinutes(10));
        using (await client.GetAsync(server.Uri, TestContext.Current.CancellationToken))
        {
            Assert.StartsWith("OPTIONS *", server.Connections[^1].Heads[0], StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task AnswerInsideTlsThatNeverLeavesAConnection_Fails()
    {
        var exception = await FailAsync(async connection =>
        {
            await connection.UpgradeAndAnswerAsync("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
            await connection.ReadToEndAsync();
        });
        Assert.Equal(HttpRequestError.InvalidResponse, exception.HttpRequestError);
    }

    [Fact]
    public async Task SecondSwitchInsideTls_Fails()
    {
        var exception = await FailAsync(async connection =>
        {
            await connection.UpgradeAndAnswerAsync(ScriptedConnection.Switching);
            await connection.ReadToEndAsync();
        });
        Assert.Equal(HttpRequestError.InvalidResponse, exception.HttpRequestError);
    }

    [Fact]
    public async Task ParkedConnectionThatNobodyTakes_IsClosed()
    {
        // The request is given up while the refusal is on its way, so that nothing will go on in clear text.
        var time = new FakeTimeProvider();
        var ledger = new SocketLedger();
        using var source = new CancellationTokenSource();
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.ReadHeadAsync();
            await source.CancelAsync();
            await connection.SendAsync(ScriptedConnection.EmptyOk);
            await connection.ReadToEndAsync();
        });
        using var client = TestClient.Create(
            TlsUpgradeMode.Preferred,
            options => options.TimeProvider = time,
            handler => handler.ConnectCallback = ledger.Connect(server.Port));
        await Assert.ThrowsAsync<TaskCanceledException>(() => client.GetAsync(server.Uri, source.Token));
        var patience = System.Diagnostics.Stopwatch.StartNew();
        while (ledger.Open > 0)
        {
            Assert.True(patience.Elapsed < KestrelTlsUpgrade.Testing.RawConnection.Patience, "The connection stays open.");
            time.Advance(TimeSpan.FromSeconds(3));
            await Task.Delay(5);
        }
    }
}
