using KestrelTlsUpgrade.Client.Internal.Sending;
using KestrelTlsUpgrade.Testing;
using Origin = KestrelTlsUpgrade.Client.Internal.Origin;

namespace KestrelTlsUpgrade.Client.Tests.Sending;

/// <summary>The connection that is upgraded ahead of the first request.</summary>
public sealed class UpgradeProbeTests
{
    /// <summary>It goes on when its request is given up, and may fail when nobody waits for it any more.</summary>
    [Fact]
    public async Task FailsAfterItsRequestIsGivenUp_LeavesNoExceptionUnobserved()
    {
        using var unobserved = new UnobservedExceptions();
        using var settings = new SocketsHttpHandler();
        var connecting = new TaskCompletionSource<TaskCompletionSource<Stream>>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var probe = new UpgradeProbe(settings, TimeProvider.System, (_, _) =>
        {
            var connection = new TaskCompletionSource<Stream>(TaskCreationOptions.RunContinuationsAsynchronously);
            connecting.SetResult(connection);
            return new(connection.Task);
        });
        using (var request = new HttpRequestMessage(HttpMethod.Get, "http://host.test/"))
        using (var givenUp = new CancellationTokenSource())
        {
            var running = probe.RunAsync(request, Origin.Of(request.RequestUri!), out _).WaitAsync(givenUp.Token);
            await connecting.Task;
            await givenUp.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        }

        await unobserved.VerifyAsync(() =>
        {
            var late = new IOException("The upgrade took too long.");
            connecting.Task.Result.SetException(late);
            connecting = null!;
            return late;
        });
    }
}
