using System.Diagnostics;

namespace KestrelTlsUpgrade.Testing;

/// <summary>Waits for what nobody tells of.</summary>
internal static class Settling
{
    public static async Task UntilAsync(Func<bool> isSettled, Func<string> rest)
    {
        var patience = Stopwatch.StartNew();

        // Less and less often: looking costs memory, and the garbage collector would tidy up what was left.
        for (var pause = 10; !isSettled(); pause = Math.Min(2 * pause, 1000))
        {
            Assert.True(patience.Elapsed < RawConnection.Patience, $"Left: {rest()}.");
            await Task.Delay(pause);
        }
    }
}
