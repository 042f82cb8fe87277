using KestrelTlsUpgrade.Testing;
using KestrelTlsUpgrade.Tunnel.Internal.Dialing;

namespace KestrelTlsUpgrade.Tunnel.Tests.Dialing;

public sealed class BlockingThreadsTests
{
    [Fact]
    public async Task Calls_RunAtTheSameTimeAndTheThreadsEnd()
    {
        var threads = new BlockingThreads("test", TimeSpan.FromMilliseconds(50));
        using var goOn = new ManualResetEventSlim();
        using var began = new CountdownEvent(10);
        using var ended = new CountdownEvent(10);
        for (var i = 0; i < 10; i++)
        {
            threads.Run(() =>
            {
                began.Signal();
                goOn.Wait();
                ended.Signal();
            });
        }

        Assert.True(began.Wait(RawConnection.Patience));
        Assert.Equal(10, threads.Count);
        goOn.Set();
        Assert.True(ended.Wait(RawConnection.Patience));
        await Settling.UntilAsync(() => threads.Count == 0, () => $"{threads.Count} threads");
    }

    [Fact]
    public async Task IdleThread_IsUsedAgain()
    {
        var threads = new BlockingThreads("test", RawConnection.Patience);
        var used = new List<Thread>();
        for (var i = 0; i < 5; i++)
        {
            var call = new TaskCompletionSource<Thread>(TaskCreationOptions.RunContinuationsAsynchronously);
            threads.Run(() => call.SetResult(Thread.CurrentThread));
            used.Add(await call.Task);
            await Settling.UntilAsync(() => used[^1].ThreadState.HasFlag(ThreadState.WaitSleepJoin), () => "a busy thread");
        }

        Assert.Single(used.Distinct());
        Assert.Equal(1, threads.Count);
    }

    [Fact]
    public void NoThreadLeft_CallWaitsForOneThatThereIs()
    {
        var count = 0;
        var threads = new BlockingThreads(
            work => new Thread(count++ > 0 ? throw new InsufficientMemoryException() : work).Start(), TimeSpan.FromMilliseconds(50));
        using var goOn = new ManualResetEventSlim();
        using var ended = new CountdownEvent(2);
        threads.Run(() =>
        {
            goOn.Wait();
            ended.Signal();
        });
        threads.Run(() => ended.Signal());
        goOn.Set();
        Assert.True(ended.Wait(RawConnection.Patience));
    }
}
