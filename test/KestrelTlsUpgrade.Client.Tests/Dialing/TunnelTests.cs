using System.Net;
using KestrelTlsUpgrade.Client.Internal.Dialing;
using KestrelTlsUpgrade.Client.Tests.Support;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.Client.Tests.Dialing;

public sealed class TunnelTests
{
    [Fact]
    public void Handover_AfterTheEnd_ClosesTheTunnel()
    {
        var handover = new ProxyTunnel.Handover();
        Assert.Null(handover.End());
        var tunnel = new MemoryStream();
        handover.Put(tunnel);
        Assert.False(tunnel.CanRead);
    }

    [Fact]
    public async Task TunnelThatOpensTooLate_LeavesNoSocket()
    {
        var ledger = new SocketLedger();
        var canceled = new TaskCompletionSource();
        using var source = new CancellationTokenSource();
        await using var proxy = new ScriptedServer(async connection =>
        {
            await connection.ReadHeadAsync();
            await source.CancelAsync();
            await canceled.Task;
            await connection.SendAsync("HTTP/1.1 200 OK\r\n\r\n");
            await connection.ReadToEndAsync();
        });
        using (var client = TestClient.Create(handler: handler =>
        {
            handler.UseProxy = true;
            handler.Proxy = new WebProxy(proxy.Uri);
            handler.ConnectCallback = ledger.Connect(proxy.Port);
            handler.ConnectTimeout = TimeSpan.FromSeconds(1);
        }, configure: options => options.UpgradeTimeout = TimeSpan.FromSeconds(1)))
        {
            await Assert.ThrowsAsync<TaskCanceledException>(() => client.GetAsync("http://a.test/", source.Token));
            canceled.SetResult();
        }

        await ledger.AllClosedAsync();
        Assert.Equal(1, ledger.Opened);
    }

    [Fact]
    public async Task ConnectAnswer_ByteForByte_IsRewritten()
    {
        foreach (var (answer, expected) in new[]
        {
            ("HTTP/1.1 204 No Content\r\n\r\n234", "HTTP/1.1 200 No Content\r\n\r\n234"),
            ("HTTP/1.0 299 X\r\n\r\n", "HTTP/1.0 200 X\r\n\r\n"),
            ("HTTP/1.1 407 X\r\n\r\n", "HTTP/1.1 407 X\r\n\r\n"),
        })
        {
            for (var size = 1; size < answer.Length; size++)
            {
                await using var stream = new ConnectAnswerStream(new MemoryStream(System.Text.Encoding.ASCII.GetBytes(answer)));
                var read = new MemoryStream();
                var buffer = new byte[size];
                int count;
                while ((count = size % 2 == 0 ? stream.Read(buffer) : await stream.ReadAsync(buffer)) > 0)
                {
                    read.Write(buffer, 0, count);
                }

                Assert.Equal(expected, System.Text.Encoding.ASCII.GetString(read.ToArray()));
            }
        }
    }

    /// <summary>TLS may bring any bytes, and what looks like a 2xx now and then is not for us to change.</summary>
    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\n\r\n", true)]
    [InlineData("HTTP/1.1 299 OK\r\n\r\n", true)]
    [InlineData("HTTP/1.1 407 X\r\n\r\n", false)]
    public async Task ReadAfterAWrite_IsRewrittenOnlyWhileThereIsNoTunnel(string first, bool isTunnel)
    {
        await using var stream = new ConnectAnswerStream(new AnsweringStream(first, "HTTP/1.1 234 Y"));
        var buffer = new byte[100];
        await stream.WriteAsync("CONNECT a.test:80 HTTP/1.1\r\n\r\n"u8.ToArray());
        await stream.ReadExactlyAsync(buffer.AsMemory(0, first.Length));
        await stream.WriteAsync("anything"u8.ToArray());
        var count = await stream.ReadAsync(buffer);
        Assert.Equal(isTunnel ? "HTTP/1.1 234 Y" : "HTTP/1.1 200 Y", System.Text.Encoding.ASCII.GetString(buffer, 0, count));
    }

    /// <summary>Gives an answer to each write.</summary>
    private sealed class AnsweringStream(params string[] answers) : MemoryStream
    {
        private readonly Queue<string> _answers = new(answers);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            SetLength(0);
            Write(System.Text.Encoding.ASCII.GetBytes(_answers.Dequeue()));
            Position = 0;
            return default;
        }
    }
}
