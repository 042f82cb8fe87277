using System.Diagnostics;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.Faults.Tests.Accounts;

/// <summary>Waits for what nobody tells of.</summary>
internal static class Settling
{
    public static async Task UntilAsync(Func<bool> isSettled, Func<string> rest)
    {
        var patience = Stopwatch.StartNew();
        while (!isSettled())
        {
            Assert.True(patience.Elapsed < RawConnection.Patience, $"Left: {rest()}.");
            await Task.Delay(20);
        }
    }
}
