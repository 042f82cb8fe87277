using KestrelTlsUpgrade.Internal.Requiring;
using Microsoft.AspNetCore.Http;

namespace KestrelTlsUpgrade.Tests.Requiring;

public sealed class HeldResponseTests : IDisposable
{
    private readonly DefaultHttpContext _context = new();
    private readonly MemoryStream _sent = new();
    private readonly List<long> _sentAtBegin = [];

    public HeldResponseTests() => _context.Response.Body = _sent;

    public void Dispose() => _sent.Dispose();

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    [InlineData(HeldResponse.MaxInMemory, false)]
    [InlineData(HeldResponse.MaxInMemory + 1, true)]
    [InlineData(HeldResponse.MaxInMemory * 5, false)]
    public async Task SendAsync_ContentOfAnyLength_IsSentOnceItsLengthIsKnown(int length, bool isSynchronous)
    {
        await SendAsync(length, isSynchronous);

        Assert.Equal(length, _context.Response.ContentLength);
        Assert.Equal(Content(length), _sent.ToArray());
        Assert.Equal([0], _sentAtBegin);
    }

    [Fact]
    public async Task SendAsync_Head_HasTheLengthAndNoContent()
    {
        _context.Request.Method = "HEAD";
        await SendAsync(length: 10, isSynchronous: false);

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

    private Task SendAsync(int length, bool isSynchronous) => HeldResponse.SendAsync(
        _context,
        async context =>
        {
            foreach (var block in Content(length).Chunk(1000))
            {
                if (isSynchronous)
                {
                    context.Response.Body.Write(block);
                }
                else
                {
                    await context.Response.Body.WriteAsync(block);
                }
            }
        },
        _ => _sentAtBegin.Add(_sent.Length));
}
