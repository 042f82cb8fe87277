using KestrelTlsUpgrade.Tunnel.Internal.Relaying;

namespace KestrelTlsUpgrade.Tunnel.Tests.Relaying;

public sealed class BlockLengthTests
{
    private readonly LargeBlocks _large = new(capacity: 3 * BlockLength.Largest);

    private BlockLength CreateLargest()
    {
        var length = new BlockLength(_large);
        for (var wanted = BlockLength.Smallest; wanted < BlockLength.Largest; wanted *= 2)
        {
            AdaptToFull(length, wanted);
        }

        return length;
    }

    private static void AdaptToFull(BlockLength length, int count)
    {
        for (var i = 0; i < BlockLength.FullBlocksToGrow; i++)
        {
            length.Adapt(count);
        }
    }

    [Fact]
    public void GrowsWhileBlocksAreFull_UpToTheLargest()
    {
        var length = new BlockLength(_large);
        var lengths = new List<int>();
        for (var i = 0; i < 7; i++)
        {
            lengths.Add(length.Take());
            length.GiveBack();
            AdaptToFull(length, lengths[i]);
        }

        Assert.Equal([16, 32, 64, 128, 256, 512, 512], lengths.Select(static length => length / 1024));
    }

    [Fact]
    public void FewFullBlocks_DoNotGrow()
    {
        var length = new BlockLength(_large);
        for (var i = 1; i < BlockLength.FullBlocksToGrow; i++)
        {
            length.Adapt(BlockLength.Smallest);
        }

        Assert.Equal(BlockLength.Smallest, length.Take());
    }

    [Fact]
    public void SmallBlocks_TakeNothingOfTheLargeOnes()
    {
        var large = new LargeBlocks(capacity: 2 * BlockLength.Smallest);
        Assert.Equal(BlockLength.Smallest, new BlockLength(large).Take());
        Assert.True(large.TryTake(2 * BlockLength.Smallest));
    }

    [Fact]
    public void ShrinksWhereLittleComes_DownToTheSmallest()
    {
        var length = CreateLargest();
        length.Adapt(BlockLength.Largest / 4);
        Assert.Equal(BlockLength.Largest, length.Take());
        length.GiveBack();
        length.Adapt((BlockLength.Largest / 4) - 1);
        Assert.Equal(BlockLength.Largest / 2, length.Take());
        length.GiveBack();
        for (var i = 0; i < 10; i++)
        {
            length.Adapt(1);
        }

        Assert.Equal(BlockLength.Smallest, length.Take());
    }

    [Fact]
    public void NoneLeft_GoesOnInSmallOnes_UntilOneIsGivenBack()
    {
        BlockLength[] all = [CreateLargest(), CreateLargest(), CreateLargest(), CreateLargest()];
        Assert.Equal(
            [BlockLength.Largest, BlockLength.Largest, BlockLength.Largest, BlockLength.Smallest],
            all.Select(static length => length.Take()));
        all[3].GiveBack();
        Assert.Equal(BlockLength.Smallest, all[3].Take());
        all[0].GiveBack();
        all[0].GiveBack();
        Assert.Equal([BlockLength.Largest, BlockLength.Smallest], [all[3].Take(), all[0].Take()]);
    }
}
