namespace KestrelTlsUpgrade.Soak.Load;

/// <summary>What clients do between requests: the machine has more to do than this, and connections are to be idle sometimes.</summary>
internal static class Pause
{
    public static Task TakeAsync(Random random) => Task.Delay(random.Next(40), CancellationToken.None);
}
