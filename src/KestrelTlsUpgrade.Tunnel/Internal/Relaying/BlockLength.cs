namespace KestrelTlsUpgrade.Tunnel.Internal.Relaying;

/// <summary>How much one direction of a tunnel moves at a time. Doubled after several full blocks, halved when little arrives.</summary>
internal sealed class BlockLength(LargeBlocks large)
{
    public const int Smallest = 16 * 1024;

    /// <summary>Larger blocks gain little and pin four times the memory for a peer that does not read.</summary>
    public const int Largest = 512 * 1024;

    /// <summary>
    /// A peer that does not read is stopped by its socket buffers, which hold a few megabytes, before blocks become large.
    /// </summary>
    public const int FullBlocksToGrow = 16;

    private int _wanted = Smallest;
    private int _full;
    private int _taken;

    /// <summary>The length of the next block in bytes. <see cref="GiveBack"/> releases it.</summary>
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

    /// <param name="count">Number of bytes that arrived for the last block.</param>
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
