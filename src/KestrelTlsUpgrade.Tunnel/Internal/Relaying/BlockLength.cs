namespace KestrelTlsUpgrade.Tunnel.Internal.Relaying;

/// <summary>
/// How much one direction of a tunnel moves at a time: twice as much as before when that much has come several times, half as much
/// where little does.
/// </summary>
internal sealed class BlockLength(LargeBlocks large)
{
    public const int Smallest = 16 * 1024;

    /// <summary>More is still a little cheaper, and four times as much for whoever fetches nothing.</summary>
    public const int Largest = 512 * 1024;

    /// <summary>
    /// A side that fetches nothing is stopped by the buffers of its socket before blocks are large: they hold a few megabytes.
    /// </summary>
    public const int FullBlocksToGrow = 16;

    private int _wanted = Smallest;
    private int _full;
    private int _taken;

    /// <summary>The length of the next block, in bytes. <see cref="GiveBack"/> says that it is free again.</summary>
    public int Take()
    {
        if (_wanted > Smallest && large.TryTake(_wanted))
        {
            _taken = _wanted;
            return _wanted;
        }

        return Smallest;
    }

    public void GiveBack()
    {
        if (_taken > 0)
        {
            large.GiveBack(_taken);
            _taken = 0;
        }
    }

    /// <param name="count">How many bytes there were for the last block.</param>
    public void Adapt(int count)
    {
        if (count >= _wanted)
        {
            if (++_full == FullBlocksToGrow)
            {
                _full = 0;
                _wanted = Math.Min(_wanted * 2, Largest);
            }
        }
        else if (count < _wanted / 4)
        {
            _wanted = Math.Max(_wanted / 2, Smallest);
        }
    }
}
