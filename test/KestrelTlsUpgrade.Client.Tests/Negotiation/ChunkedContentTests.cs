using System.Text;
using KestrelTlsUpgrade.Internal.ResponseHead;

namespace KestrelTlsUpgrade.Client.Tests.Negotiation;

public sealed class ChunkedContentTests
{
    [Theory]
    [InlineData("0\r\n\r\n")]
    [InlineData("5\r\nhello\r\n0\r\n\r\n")]
    [InlineData("A;x=\"y\"\r\n0123456789\r\n00\r\nTrailer: x\r\nAnother: y\r\n\r\n")]
    public void Take_WholeContent_TakesItAndNoMore(string content)
    {
        // In every split into two, with bytes of something else behind it.
        var bytes = Encoding.ASCII.GetBytes(content + "HTTP");
        for (var split = 0; split <= content.Length; split++)
        {
            var chunks = new ChunkedContent();
            var taken = chunks.Take(bytes.AsSpan(0, split));
            taken += chunks.Take(bytes.AsSpan(taken));
            Assert.Equal(ChunkedContent.Progress.Complete, chunks.State);
            Assert.Equal(content.Length, taken);
        }
    }

    [Theory]
    [InlineData("\r\n")]
    [InlineData("x\r\n")]
    [InlineData("-1\r\n")]
    [InlineData("0x5\r\n")]
    [InlineData("5\0\r\n")]
    [InlineData("0\0\r\n\r\n")]
    [InlineData("5\nhello\n")]
    [InlineData("5\r\nhelloX\r\n")]
    [InlineData("FFFFFFFFFFFFFFFF\r\n")]
    public void Take_Malformed_Stops(string content)
    {
        var chunks = new ChunkedContent();
        chunks.Take(Encoding.ASCII.GetBytes(content));
        Assert.Equal(ChunkedContent.Progress.Malformed, chunks.State);
    }

    [Fact]
    public void Take_EndlessLine_Stops()
    {
        var chunks = new ChunkedContent();
        chunks.Take(Encoding.ASCII.GetBytes(new string('1', 5000)));
        Assert.Equal(ChunkedContent.Progress.Malformed, chunks.State);
    }
}
