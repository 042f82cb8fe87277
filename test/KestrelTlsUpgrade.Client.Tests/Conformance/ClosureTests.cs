using System.Net;
using System.Text;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.Client.Tests.Conformance;

/// <summary>The end of TLS and of responses (requirements C-63 to C-69, C-71, A-11, A-27; RFC 2818 section 2.2).</summary>
public sealed class ClosureTests
{
    private static ScriptedServer Serve(Func<ScriptedConnection, Task> answer) => new(async connection =>
    {
        await connection.UpgradeAndAnswerAsync();
        await connection.ReadHeadAsync();
        await answer(connection);
    });

    private static async Task<string> GetAsync(ScriptedServer server)
    {
        using var client = TestClient.Create();
        return await client.GetStringAsync(server.Uri);
    }

    [Fact]
    public async Task C63_Dispose_SendsCloseNotify()
    {
        await using var server = Serve(async connection =>
        {
            await connection.SendAsync(ScriptedConnection.EmptyOk);
            await connection.ReadToEndAsync();
        });
        TlsUpgradeInfo info;
        using (var client = TestClient.Create())
        {
            using var response = await client.GetAsync(server.Uri);
            info = response.GetTlsUpgradeInfo();
        }

        await server.EndedAsync();
        Assert.True(Assert.Single(server.Connections).GotCloseNotify);

        // What was told of the connection outlives it.
        Assert.Equal("CN=localhost", info.ServerCertificate!.Subject);
    }

    [Fact]
    public async Task C63_DisposeInMidResponse_SendsCloseNotify()
    {
        await using var server = Serve(async connection =>
        {
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 10000000\r\n\r\nbegin");
            await connection.ReadToEndAsync();
        });
        using var client = TestClient.Create();
        (await client.GetAsync(server.Uri, HttpCompletionOption.ResponseHeadersRead)).Dispose();
        await server.EndedAsync();
        Assert.True(Assert.Single(server.Connections).GotCloseNotify);
    }

    /// <summary>While data come in: what ends TLS must not get in the way of what decrypts.</summary>
    [Fact]
    public async Task C63_DisposeWhileReading_HarmsNothing()
    {
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.UpgradeAndAnswerAsync();
            await connection.ReadHeadAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\n\r\n");
            while (true)
            {
                await connection.SendAsync("some data");
            }
        });
        using var client = TestClient.Create();
        await Parallel.ForAsync(0, 200, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (_, _) =>
        {
            using var source = new CancellationTokenSource();
            using var response = await client.GetAsync(server.Uri, HttpCompletionOption.ResponseHeadersRead, source.Token);
            await using var stream = await response.Content.ReadAsStreamAsync(CancellationToken.None);
            await stream.ReadExactlyAsync(new byte[100], CancellationToken.None);
            var reading = stream.CopyToAsync(Stream.Null, source.Token);
            await source.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task C64_A27_ResponseThatEndsWithTheConnection_IsCompleteOnlyAfterCloseNotify(bool hasCloseNotify)
    {
        await using var server = Serve(async connection =>
        {
            await connection.SendAsync("HTTP/1.1 200 OK\r\n\r\nhello");
            if (hasCloseNotify)
            {
                await connection.CloseTlsAsync();
            }

            connection.ShutdownTcp();
            await connection.ReadToEndAsync();
        });
        if (hasCloseNotify)
        {
            Assert.Equal("hello", await GetAsync(server));
        }
        else
        {
            var exception = await Assert.ThrowsAsync<HttpRequestException>(() => GetAsync(server));
            Assert.Equal(HttpRequestError.ResponseEnded, exception.HttpRequestError);
        }
    }

    [Fact]
    public async Task C64_ReadAsStream_ThrowsAtTheEnd()
    {
        await using var server = Serve(async connection =>
        {
            await connection.SendAsync("HTTP/1.1 200 OK\r\n\r\nhello");
            connection.ShutdownTcp();
            await connection.ReadToEndAsync();
        });
        using var client = TestClient.Create();
        using var response = await client.GetAsync(server.Uri, HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        await Assert.ThrowsAsync<HttpIOException>(() => reader.ReadToEndAsync());
    }

    [Fact]
    public async Task C64_RequestStillBeingSent_IsNoExcuse()
    {
        var more = new TaskCompletionSource();
        TapStream? inside = null;
        await using var server = Serve(async connection =>
        {
            await connection.SendAsync("HTTP/1.1 100 Continue\r\n\r\n");
            await connection.ReadTextAsync(3);
            await connection.SendAsync("HTTP/1.1 200 OK\r\n\r\nhello");
            while (!Encoding.Latin1.GetString(inside!.Received).Contains("hello", StringComparison.Ordinal))
            {
                await Task.Yield();
            }

            // The client has read it, and goes on with its request.
            more.SetResult();
            await connection.ReadTextAsync(3);
            connection.ShutdownTcp();
            await connection.ReadToEndAsync();
        });
        using var client = TestClient.Create(handler: handler => handler.PlaintextStreamFilter = (context, _) =>
            ValueTask.FromResult<Stream>(inside = new(context.PlaintextStream)));
        client.DefaultRequestHeaders.ExpectContinue = true;
        var exception = await Assert.ThrowsAsync<HttpRequestException>(() => client.PostAsync(server.Uri, new TwoPartContent(more.Task)));
        Assert.Equal(HttpRequestError.ResponseEnded, exception.HttpRequestError);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")]
    public async Task C65_CompleteByItself_NeedsNoCloseNotify(string response)
    {
        await using var server = Serve(async connection =>
        {
            await connection.SendAsync(response);
            connection.ShutdownTcp();
            await connection.ReadToEndAsync();
        });
        Assert.Equal("hello", await GetAsync(server));
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Le")]
    public async Task C66_Incomplete_IsAnError(string response)
    {
        foreach (var hasCloseNotify in new[] { true, false })
        {
            await using var server = Serve(async connection =>
            {
                await connection.SendAsync(response);
                if (hasCloseNotify)
                {
                    await connection.CloseTlsAsync();
                }

                connection.ShutdownTcp();
                await connection.ReadToEndAsync();
            });
            var exception = await Assert.ThrowsAsync<HttpRequestException>(() => GetAsync(server));
            Assert.Equal(HttpRequestError.ResponseEnded, exception.HttpRequestError);
        }
    }

    [Fact]
    public async Task C67_AfterAnIncompleteClose_TheNextRequestOpensAConnection()
    {
        await using var server = Serve(connection => connection.SendAsync(
            connection.Number == 0 ? "HTTP/1.1 200 OK\r\n\r\nhello" : "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
        using var client = TestClient.Create();
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetStringAsync(server.Uri));
        Assert.Equal("ok", await client.GetStringAsync(server.Uri));
        Assert.Equal(2, server.Connections.Length);
    }

    [Fact]
    public async Task C67_IdleConnectionThatEnded_IsReplacedWithoutAnError()
    {
        // Ends without close_notify when the second request is on its way, as servers do that time out idle connections.
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.UpgradeAndAnswerAsync();
            await connection.ServeOnceAsync(ScriptedConnection.EmptyOk);
            if (connection.Number == 0)
            {
                await connection.ReadSomeAsync();
                return;
            }

            await connection.ServeAsync(ScriptedConnection.EmptyOk);
        });
        using var client = TestClient.Create();
        (await client.GetAsync(server.Uri)).Dispose();
        using var response = await client.GetAsync(server.Uri);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(2, server.Connections.Length);
    }

    [Fact]
    public async Task C68_BytesAfterCloseNotify_AreIgnored()
    {
        await using var server = Serve(async connection =>
        {
            await connection.SendAsync("HTTP/1.1 200 OK\r\n\r\nhello");
            await connection.CloseTlsAsync();
            await connection.Wire.WriteAsync("HTTP/1.1 200 OK\r\n\r\nforged"u8.ToArray());
            await connection.ReadToEndAsync();
        });
        Assert.Equal("hello", await GetAsync(server));
    }

    [Fact]
    public async Task C69_A11_BytesBehindAResponse_AreNoResponse()
    {
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.UpgradeAndAnswerAsync();
            await connection.ReadHeadAsync();
            await connection.SendAsync(
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok" + (connection.Number == 0 ? "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged" : ""));
            await connection.ServeAsync(ScriptedConnection.EmptyOk);
        });
        using var client = TestClient.Create();
        Assert.Equal("ok", await client.GetStringAsync(server.Uri));
        Assert.Equal("ok", await client.GetStringAsync(server.Uri));
        Assert.Equal(2, server.Connections.Length);
    }

    [Fact]
    public async Task C69_A11_BytesBehindTheAnswerToTheUpgrade_Fail()
    {
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.UpgradeAndAnswerAsync(ScriptedConnection.EmptyOk + "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged");
            await connection.ReadToEndAsync();
        });
        var exception = await Assert.ThrowsAsync<HttpRequestException>(() => GetAsync(server));
        Assert.Equal(HttpRequestError.InvalidResponse, exception.HttpRequestError);
        await server.EndedAsync();
        Assert.Single(server.Heads);
    }

    [Fact]
    public async Task C71_ConnectionClose_ClosesWithCloseNotify()
    {
        await using var server = Serve(async connection =>
        {
            await connection.SendAsync("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
            await connection.ReadToEndAsync();
        });
        using var client = TestClient.Create();
        (await client.GetAsync(server.Uri)).Dispose();
        (await client.GetAsync(server.Uri)).Dispose();
        await server.EndedAsync();
        Assert.Equal(2, server.Connections.Length);
        Assert.All(server.Connections, connection => Assert.True(connection.GotCloseNotify));
    }

    private sealed class TwoPartContent(Task second) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync("one"u8.ToArray());
            await stream.FlushAsync();
            await second;
            await stream.WriteAsync("two"u8.ToArray());
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 6;
            return true;
        }
    }
}
