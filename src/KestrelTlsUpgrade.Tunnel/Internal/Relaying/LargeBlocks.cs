namespace KestrelTlsUpgrade.Tunnel.Internal.Relaying;

/// <summary>
/// The budget for large blocks shared by all tunnels of an application. Large blocks are cheaper per byte, but a peer that does not read
/// pins one. When the budget is used up, tunnels continue with small blocks.
/// </summary>
/// <param name="capacity">The budget in bytes.</param>
internal sealed class LargeBlocks(long capacity = LargeBlocks.DefaultCapacity)
{
    public const long DefaultCapacity = 64 * 1024 * 1024;

    private long _taken;

    /// <summary>Bytes in use.</summary>
    public long Taken => Interlocked.Read(ref _taken);

    public bool TryTake(int length)
    {
        if (Interlocked.Add(ref _taken, length) <= capacity)
        {
            return true;
        }

        GiveBack(length);
        return false;
    }

    public void GiveBack(int length) => Interlocked.Add(ref _taken, -length);
}
