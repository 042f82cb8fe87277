using System.Net;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.Client.Tests.Sending;

/// <summary>
/// As with SocketsHttpHandler, a caller may wait for a request on the thread, or in the task of the scheduler, that all its continuations
/// need.
/// </summary>
public sealed class BlockedCallerTests
{
    private const string Demand =
        "HTTP/1.1 426 Upgrade Required\r\nUpgrade: TLS/1.2\r\nConnection: Upgrade, keep-alive\r\nContent-Length: 0\r\n\r\n";

    public static TheoryData<TlsUpgradeMode, bool, bool, bool> Ways { get; } = new MatrixTheoryData<TlsUpgradeMode, bool, bool, bool>(
        Enum.GetValues<TlsUpgradeMode>(), [false, true], [false, true], [false, true]);

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task RequestEnds(TlsUpgradeMode mode, bool isUpgrading, bool isSynchronous, bool hasScheduler)
    {
        await using var server = new ScriptedServer(async connection =>
        {
            while (await connection.ReadHeadAsync() is { Length: > 0 } head)
            {
                if (connection.Tls is not null)
                {
                    await connection.SendAsync(ScriptedConnection.EmptyOk);
                }
                else if (!head.StartsWith("OPTIONS", StringComparison.Ordinal))
                {
                    await connection.SendAsync(Demand);
                }
                else if (!isUpgrading)
                {
                    await connection.SendAsync("HTTP/1.1 501 Not Implemented\r\nContent-Length: 0\r\n\r\n");
                }
                else
                {
                    await connection.SendAsync(ScriptedConnection.Switching);
                    await connection.StartTlsAsync();
                    await connection.SendAsync(ScriptedConnection.EmptyOk);
                }
            }
        });
        using var client = TestClient.Create(mode);
        HttpStatusCode? status = null;
        Exception? failure = null;
        void Send()
        {
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, server.Uri);
                using var response = isSynchronous ? client.Send(request, CancellationToken.None) : client.SendAsync(request, CancellationToken.None).Result;
                status = response.StatusCode;
            }
            catch (Exception exception)
            {
                failure = exception is AggregateException ? exception.InnerException : exception;
            }
        }

        if (hasScheduler)
        {
            await Task.Factory.StartNew(
                Send, CancellationToken.None, TaskCreationOptions.LongRunning, new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler)
                .WaitAsync(RawConnection.Patience * 2, TestContext.Current.CancellationToken);
        }
        else
        {
            var thread = new Thread(() =>
            {
                SynchronizationContext.SetSynchronizationContext(new BlockedContext());
                Send();
            })
            { IsBackground = true };
            thread.Start();
            await Task.Run(thread.Join, TestContext.Current.CancellationToken)
                .WaitAsync(RawConnection.Patience * 2, TestContext.Current.CancellationToken);
        }

        if (mode is TlsUpgradeMode.Required && !isUpgrading)
        {
            Assert.IsType<HttpRequestException>(failure);
        }
        else
        {
            Assert.Null(failure);
            Assert.Equal(isUpgrading ? HttpStatusCode.OK : HttpStatusCode.UpgradeRequired, status);
        }
    }

    private sealed class BlockedContext : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state)
        {
        }
    }
}
