namespace KestrelTlsUpgrade.Tunnel.Tests.Support;

internal static class Standstill
{
    /// <summary>Waits until a sender whose bytes nobody takes does not get on any more.</summary>
    /// <param name="sent">The number of bytes that it has sent.</param>
    /// <param name="bound">What it must not reach.</param>
    public static async Task UntilAsync(Func<long> sent, long bound)
    {
        for (var (last, same) = (-1L, 0); same < 10; await Task.Delay(50))
        {
            var now = sent();
            same = now == last && now > 0 ? same + 1 : 0;
            last = now;
            Assert.True(now < bound, $"{now} bytes were taken from a sender whose reader does not read.");
        }
    }
}
