using KestrelTlsUpgrade.Internal.Certificates;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.Tests.Certificates;

public sealed class DetachedWorkTests : IDisposable
{
    private readonly DetachedWork _work = new();
    private readonly ManualResetEventSlim _release = new();

    public void Dispose()
    {
        _release.Set();
        _work.Dispose();
        _release.Dispose();
    }

    [Fact]
    public void TryRun_WorkThatEnds_IsDoneByOneThread()
    {
        var threads = new HashSet<int>();
        for (var i = 0; i < 3; i++)
        {
            Assert.True(_work.TryRun(() => threads.Add(Environment.CurrentManagedThreadId), RawConnection.Patience, CancellationToken.None));
        }

        Assert.Single(threads);
        Assert.DoesNotContain(Environment.CurrentManagedThreadId, threads);
    }

    [Fact]
    public void TryRun_WorkThatFails_ThrowsThat()
    {
        Assert.Throws<FormatException>(() => _work.TryRun(static () => throw new FormatException(), RawConnection.Patience, CancellationToken.None));
        Assert.True(_work.TryRun(static () => { }, RawConnection.Patience, CancellationToken.None));
    }

    [Fact]
    public void TryRun_WorkThatDoesNotEnd_IsLeft_AndTheNextOneIsNotHeldUp()
    {
        Assert.False(_work.TryRun(_release.Wait, TimeSpan.Zero, CancellationToken.None));
        Assert.True(_work.TryRun(static () => { }, RawConnection.Patience, CancellationToken.None));
    }

    [Fact]
    public void TryRun_Cancelled_IsLeft()
    {
        using var cancellation = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => _work.TryRun(
            () =>
            {
                cancellation.Cancel();
                _release.Wait();
            },
            RawConnection.Patience,
            cancellation.Token));
    }
}
