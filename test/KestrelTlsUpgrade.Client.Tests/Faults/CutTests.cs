using System.Net.Security;
using KestrelTlsUpgrade.Client.Tests.Support;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.Client.Tests.Faults;

/// <summary>Each step of an upgrade, cut at each byte.</summary>
public sealed class CutTests
{
    private const string Answer = "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + ScriptedConnection.Switching;
    private const string ChunkedAnswer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nTrailer: x\r\n\r\n";

    /// <summary>Runs a client against a server that is cut at each of so many bytes. Each time it fails, and leaves no socket.</summary>
    private static async Task FailAtEachAsync(int length, TlsUpgradeMode mode, Func<ScriptedConnection, int, Task> script)
    {
        await Parallel.ForAsync(0, length, async (cut, _) =>
        {
            var ledger = new SocketLedger();
            await using var server = new ScriptedServer(connection => script(connection, cut));
            using var client = TestClient.Create(mode, handler: handler => handler.ConnectCallback = ledger.Connect(server.Port));
            var exception = await Assert.ThrowsAsync<HttpRequestException>(() => client.PostAsync(server.Uri, new StringContent("secret")));
            Assert.True(exception.HttpRequestError is not HttpRequestError.Unknown, $"{cut}: {exception}");
            Assert.Contains($"127.0.0.1:{server.Port}", exception.Message);
            await ledger.AllClosedAsync();
            Assert.All(server.Heads, head => Assert.False(head.StartsWith("POST", StringComparison.Ordinal), $"Cut at {cut}."));
        });
    }

    [Fact]
    public Task AnswerInClearText_CutAtEachByte_Fails() => FailAtEachAsync(Answer.Length, TlsUpgradeMode.Required, CutAnswerAsync);

    /// <summary>A server that hangs up on offers is one without them: only Required insists on an answer.</summary>
    [Fact]
    public async Task AnswerInClearText_InPreferred_CutAtEachByte_GoesOnOnAnotherConnection()
    {
        await Parallel.ForAsync(0, Answer.Length, async (cut, _) =>
        {
            var ledger = new SocketLedger();
            await using (var server = new ScriptedServer(connection => connection.Number == 0
                ? CutAnswerAsync(connection, cut)
                : connection.ServeAsync(ScriptedConnection.EmptyOk)))
            {
                using var client = TestClient.Create(
                    TlsUpgradeMode.Preferred, handler: handler => handler.ConnectCallback = ledger.Connect(server.Port));
                using var response = await client.GetAsync(server.Uri, CancellationToken.None);
                Assert.Equal(System.Net.HttpStatusCode.OK, response.StatusCode);
                Assert.Equal(["OPTIONS *", "GET /"], server.Heads.Select(head => head.Split(" HTTP")[0]));
            }

            await ledger.AllClosedAsync();
        });
    }

    private static async Task CutAnswerAsync(ScriptedConnection connection, int cut)
    {
        await connection.ReadHeadAsync();
        await connection.SendAsync(Answer[..cut]);
        connection.ShutdownTcp();
        await connection.ReadToEndAsync();
    }

    [Fact]
    public async Task Handshake_CutAtEachByte_Fails()
    {
        // As long as the server's side of a handshake that succeeds.
        var length = 0;
        await using (var server = new ScriptedServer(async connection =>
        {
            await connection.UpgradeAsync();
            length = connection.Wire.Sent.Length - ScriptedConnection.Switching.Length;
            await connection.SendAsync(ScriptedConnection.EmptyOk);
            await connection.ServeAsync(ScriptedConnection.EmptyOk);
        }))
        {
            using var client = TestClient.Create();
            (await client.GetAsync(server.Uri)).Dispose();
        }

        Assert.True(length > 500);
        await FailAtEachAsync(length, TlsUpgradeMode.Required, async (connection, cut) =>
        {
            await connection.ReadHeadAsync();
            await connection.SendAsync(ScriptedConnection.Switching);
            await using var tls = new SslStream(new CutStream(connection.Wire, cut));
            await tls.AuthenticateAsServerAsync(TestCertificates.Server);
        });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public Task AnswerInsideTls_CutAtEachByte_Fails(bool hasCloseNotify) =>
        FailAtEachAsync(ChunkedAnswer.Length, TlsUpgradeMode.Required, async (connection, cut) =>
        {
            await connection.UpgradeAsync();
            await connection.SendAsync(ChunkedAnswer[..cut]);
            if (hasCloseNotify)
            {
                await connection.CloseTlsAsync();
            }

            connection.ShutdownTcp();
            await connection.ReadToEndAsync();
        });

    [Fact]
    public async Task RefusalContent_CutAtEachByte_GoesOnOnAnotherConnection()
    {
        await Parallel.ForAsync(0, ChunkedAnswer.Length - ChunkedAnswer.IndexOf("5;", StringComparison.Ordinal), async (rest, _) =>
        {
            var ledger = new SocketLedger();
            await using (var server = new ScriptedServer(async connection =>
            {
                if ((await connection.ReadHeadAsync()).StartsWith("OPTIONS", StringComparison.Ordinal))
                {
                    await connection.SendAsync(ChunkedAnswer[..^(rest + 1)]);
                    connection.ShutdownTcp();
                    await connection.ReadToEndAsync();
                    return;
                }

                await connection.SendAsync(ScriptedConnection.EmptyOk);
                await connection.ReadToEndAsync();
            }))
            {
                using var client = TestClient.Create(
                    TlsUpgradeMode.Preferred, handler: handler => handler.ConnectCallback = ledger.Connect(server.Port));
                using var response = await client.GetAsync(server.Uri, CancellationToken.None);
                Assert.Equal(System.Net.HttpStatusCode.OK, response.StatusCode);
                Assert.Equal(2, ledger.Opened);
            }

            await ledger.AllClosedAsync();
        });
    }

    /// <summary>A client that gives up at any point leaves no socket either.</summary>
    [Fact]
    public async Task Cancellation_AtEachStep_IsWhatHttpClientThrows()
    {
        Func<ScriptedConnection, CancellationTokenSource, Task>[] scripts =
        [
            async (connection, source) =>
            {
                await connection.ReadHeadAsync();
                await source.CancelAsync();
                await connection.ReadToEndAsync();
            },
            async (connection, source) =>
            {
                await connection.ReadHeadAsync();
                await connection.SendAsync(ScriptedConnection.Switching);
                await connection.ReadSomeAsync();
                await source.CancelAsync();
                await connection.ReadToEndAsync();
            },
            async (connection, source) =>
            {
                await connection.UpgradeAsync();
                await source.CancelAsync();
                await connection.ReadToEndAsync();
            },
            async (connection, source) =>
            {
                await connection.UpgradeAndAnswerAsync();
                await connection.ReadHeadAsync();
                await source.CancelAsync();
                await connection.ReadToEndAsync();
            },
        ];
        foreach (var script in scripts)
        {
            var ledger = new SocketLedger();
            using var source = new CancellationTokenSource();
            await using var server = new ScriptedServer(connection => script(connection, source));
            using (var client = TestClient.Create(
                configure: options => options.UpgradeTimeout = TimeSpan.FromSeconds(2),
                handler: handler => handler.ConnectCallback = ledger.Connect(server.Port)))
            {
                var exception = await Assert.ThrowsAsync<TaskCanceledException>(() => client.GetAsync(server.Uri, source.Token));
                Assert.Equal(source.Token, exception.CancellationToken);
            }

            await ledger.AllClosedAsync();
        }
    }
}
