using KestrelTlsUpgrade.Client.Internal.Switching;
using KestrelTlsUpgrade.Client.Tests.Support;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.Client.Tests.Attacks;

/// <summary>
/// What arrives inside TLS before the first request of the pool has been written answers no request (requirements C-19, C-69, A-11),
/// wherever it waits.
/// </summary>
public sealed class SurplusTests
{
    private const string Forged = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged";
    private const string Genuine = "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\ngenuine";

    /// <summary>What an answer to the upgrade request is read into, in the first place.</summary>
    private const int BufferSize = 1024;

    private static string Fill(string start, string end) => start + new string('x', BufferSize - start.Length - end.Length) + end;

    public static TheoryData<string> FullBuffers { get; } =
    [
        Fill("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX: ", "\r\n\r\n"),
        Fill("HTTP/1.1 204 No Content\r\nX: ", "\r\n\r\n"),
        Fill("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: ", "\r\n\r\nhello"),
        Fill("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX: ", "\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
    ];

    [Theory]
    [MemberData(nameof(FullBuffers))]
    public async Task InTheRecordOfTheAnswer_Fails(string answer)
    {
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.UpgradeAndAnswerAsync(answer + Forged);
            await connection.ServeAsync(Genuine);
        });
        await AssertFailsAsync(server);
    }

    [Fact]
    public async Task InTheSocket_Fails()
    {
        var isAnswered = false;
        var sent = new TaskCompletionSource();
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.UpgradeAsync();
            Volatile.Write(ref isAnswered, true);
            await connection.SendAsync(ScriptedConnection.EmptyOk);
            await connection.SendAsync(Forged);
            sent.SetResult();
            await connection.ServeAsync(Genuine);
        });
        await AssertFailsAsync(server, handler => handler.ConnectCallback = async (context, cancellationToken) =>
            new LateStream(
                await Connect.ToAsync(context.DnsEndPoint, cancellationToken),
                () => Volatile.Read(ref isAnswered) ? sent.Task : Task.CompletedTask));
    }

    [Fact]
    public async Task AfterTheAnswer_Fails()
    {
        var idle = new TaskCompletionSource();
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.UpgradeAndAnswerAsync();
            await idle.Task;
            await connection.SendAsync(Forged);
            await connection.ServeAsync(Genuine);
        });

        // The pool has the connection, and has not written to it yet.
        await AssertFailsAsync(server, handler => handler.PlaintextStreamFilter = async (context, cancellationToken) =>
        {
            idle.SetResult();
            Assert.Equal(0, await context.PlaintextStream.ReadAsync(Memory<byte>.Empty, cancellationToken));
            return context.PlaintextStream;
        });
    }

    /// <summary>An end is no answer. The pool knows what may be asked again.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task EndAfterTheAnswer_AskedAgainOnAnotherConnection(bool hasCloseNotify)
    {
        var idle = new TaskCompletionSource();
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.UpgradeAndAnswerAsync();
            if (connection.Number == 0)
            {
                await idle.Task;
                if (hasCloseNotify)
                {
                    await connection.CloseTlsAsync();
                }

                connection.ShutdownTcp();
            }

            await connection.ServeAsync(Genuine);
        });
        using var client = TestClient.Create(handler: handler => handler.PlaintextStreamFilter = async (context, cancellationToken) =>
        {
            if (idle.TrySetResult())
            {
                Assert.Equal(0, await context.PlaintextStream.ReadAsync(Memory<byte>.Empty, cancellationToken));
            }

            return context.PlaintextStream;
        });
        Assert.Equal("genuine", await client.GetStringAsync(server.Uri, TestContext.Current.CancellationToken));
        Assert.Equal(2, server.Connections.Length);
    }

    private static async Task AssertFailsAsync(ScriptedServer server, Action<SocketsHttpHandler>? handler = null)
    {
        using var client = TestClient.Create(handler: handler);
        var exception = await Assert.ThrowsAsync<HttpRequestException>(
            () => client.GetStringAsync(server.Uri + "account", TestContext.Current.CancellationToken));
        Assert.Equal(HttpRequestError.InvalidResponse, exception.HttpRequestError);
        Assert.Contains($"127.0.0.1:{server.Port}", $"{exception}", StringComparison.Ordinal);
        await server.EndedAsync();
        Assert.DoesNotContain(server.Heads, static head => head.StartsWith("GET", StringComparison.Ordinal));
        Assert.Single(server.Connections);
    }

    /// <summary>Reads a few octets at a time, and gives them away late: the rest waits in the socket.</summary>
    private sealed class LateStream(Stream inner, Func<Task> until) : WrappedStream(inner)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = await Inner.ReadAsync(buffer[..Math.Min(16, buffer.Length)], cancellationToken);
            await until();
            return count;
        }
    }
}
