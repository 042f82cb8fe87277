using KestrelTlsUpgrade.Internal.Upgrading;
using Microsoft.AspNetCore.Http;

namespace KestrelTlsUpgrade.Tests.Upgrading;

public sealed class HeldResponseTests : IDisposable
{
    private readonly DefaultHttpContext _context = new();
    private readonly MemoryStream _sent = new();
    private readonly List<long> _sentAtBegin = [];

    public HeldResponseTests() => _context.Response.Body = _sent;

    public void Dispose() => _sent.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(HeldResponse.MaxHeld)]
    public async Task SendAsync_ContentWithinTheLimit_HasItsLength(int length)
    {
        await SendAsync(length, blockLength: 1000);

        Assert.Equal(length, _context.Response.ContentLength);
        Assert.Equal(Content(length), _sent.ToArray());
        Assert.Equal([0], _sentAtBegin);
    }

    [Theory]
    [InlineData(1000, false)]
    [InlineData(1000, true)]
    [InlineData(HeldResponse.MaxHeld + 1, false)]
    [InlineData(HeldResponse.MaxHeld + 1, true)]
    public async Task SendAsync_ContentBeyondTheLimit_IsSentWithoutALength(int blockLength, bool isSynchronous)
    {
        const int Length = HeldResponse.MaxHeld * 5;
        var behind = 0L;
        await SendAsync(Length, blockLength, isSynchronous, written => behind = Math.Max(behind, written - _sent.Length));

        Assert.Null(_context.Response.ContentLength);
        Assert.Equal(Content(Length), _sent.ToArray());
        Assert.Equal([0], _sentAtBegin);
        Assert.InRange(behind, 0, HeldResponse.MaxHeld);
    }

    [Fact]
    public async Task SendAsync_Head_HasTheLengthAndNoContent()
    {
        _context.Request.Method = "HEAD";
        await SendAsync(length: 10, blockLength: 10);

        Assert.Equal(10, _context.Response.ContentLength);
        Assert.Empty(_sent.ToArray());
    }

    [Fact]
    public async Task SendAsync_WriterFails_LeavesTheResponseUnbegun()
    {
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => HeldResponse.SendAsync(
            _context,
            async context =>
            {
                await context.Response.WriteAsync("half");
                throw new InvalidTimeZoneException();
            },
            _ => _sentAtBegin.Add(_sent.Length)));

        Assert.Empty(_sentAtBegin);
        Assert.Empty(_sent.ToArray());
        Assert.Same(_sent, _context.Response.Body);
    }

    private static byte[] Content(int length) => [.. Enumerable.Range(0, length).Select(static i => (byte)i)];

    private Task SendAsync(int length, int blockLength, bool isSynchronous = false, Action<long>? onWritten = null) => HeldResponse.SendAsync(
        _context,
        async context =>
        {
            var written = 0L;
            foreach (var block in Content(length).Chunk(blockLength))
            {
                if (isSynchronous)
                {
                    context.Response.Body.Write(block);
                }
                else
                {
                    await context.Response.Body.WriteAsync(block);
                }

                written += block.Length;
                onWritten?.Invoke(written);
            }
        },
        _ => _sentAtBegin.Add(_sent.Length));
}
