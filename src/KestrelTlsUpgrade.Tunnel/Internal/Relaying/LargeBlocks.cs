namespace KestrelTlsUpgrade.Tunnel.Internal.Relaying;

/// <summary>
/// What all tunnels of an application together may hold in large blocks. Large ones are cheaper by the byte, and whoever fetches
/// nothing keeps one: where none is left, tunnels go on in small ones.
/// </summary>
/// <param name="capacity">How much, in bytes.</param>
internal sealed class LargeBlocks(long capacity = LargeBlocks.DefaultCapacity)
{
    public const long DefaultCapacity = 64 * 1024 * 1024;

    private long _taken;

    /// <summary>How much is in use, in bytes.</summary>
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
