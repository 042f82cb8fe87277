using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using KestrelTlsUpgrade.Internal.Replay;

namespace KestrelTlsUpgrade.Tests.Replay;

public sealed class ReplayPipeReaderTests
{
    private readonly Pipe _inner = new();
    private readonly ReplayPipeReader _reader;
    private int _headTaken;

    public ReplayPipeReaderTests()
    {
        _reader = new ReplayPipeReader("head"u8.ToArray(), _inner.Reader);
        _reader.OnHeadTaken(() => _headTaken++);
    }

    [Fact]
    public async Task ReadAsync_First_IsHeadAloneThoughMoreIsThere()
    {
        await SendAsync("inner");

        var read = await _reader.ReadAsync();

        AssertRead("head", read);
    }

    [Fact]
    public void TryRead_First_IsHead()
    {
        Assert.True(_reader.TryRead(out var read));

        AssertRead("head", read);
    }

    [Fact]
    public async Task ReadAsync_FirstOfCompletedInner_IsHeadThatIsNotTheEnd()
    {
        await _inner.Writer.CompleteAsync();

        AssertRead("head", await _reader.ReadAsync());
    }

    [Fact]
    public async Task ReadAsync_HeadNotExamined_IsHeadAgain()
    {
        await SendAsync("inner");
        var read = await _reader.ReadAsync();

        _reader.AdvanceTo(read.Buffer.Start, read.Buffer.GetPosition(3));

        AssertRead("head", await _reader.ReadAsync());
    }

    [Fact]
    public async Task ReadAsync_PartOfHeadTaken_IsRestOfHead()
    {
        await SendAsync("inner");
        var read = await _reader.ReadAsync();

        _reader.AdvanceTo(read.Buffer.GetPosition(1));

        AssertRead("ead", await _reader.ReadAsync());
    }

    [Fact]
    public async Task ReadAsync_HeadExaminedOnly_IsHeadWithInner()
    {
        await SendAsync("inner");
        var read = await _reader.ReadAsync();

        _reader.AdvanceTo(read.Buffer.GetPosition(1), read.Buffer.End);

        AssertRead("eadinner", await _reader.ReadAsync());
    }

    [Fact]
    public async Task ReadAsync_HeadExaminedAndInnerEmpty_WaitsForInner()
    {
        await ExamineHeadAsync();

        Assert.False(_reader.TryRead(out _));
        var pending = _reader.ReadAsync();
        Assert.False(pending.IsCompleted);
        await SendAsync("i");

        AssertRead("headi", await pending);
    }

    [Fact]
    public async Task ReadAsync_HeadExaminedAndInnerCompleted_IsHeadAndTheEnd()
    {
        await ExamineHeadAsync();
        await _inner.Writer.CompleteAsync();

        AssertRead("head", await _reader.ReadAsync(), isCompleted: true);
    }

    [Fact]
    public async Task ReadAsync_HeadTakenAndInnerCompleted_IsTheEnd()
    {
        await TakeHeadAsync();
        await _inner.Writer.CompleteAsync();

        AssertRead("", await _reader.ReadAsync(), isCompleted: true);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ReadAsync_InnerFails_Throws(bool isHeadTaken)
    {
        var exception = new IOException();
        await (isHeadTaken ? TakeHeadAsync() : ExamineHeadAsync());

        await _inner.Writer.CompleteAsync(exception);

        Assert.Same(exception, await Assert.ThrowsAsync<IOException>(async () => await _reader.ReadAsync()));
    }

    [Fact]
    public async Task AdvanceTo_WithinPrependedRead_LeavesTheRestOfInner()
    {
        await SendAsync("inner");
        await ExamineHeadAsync();
        var read = await _reader.ReadAsync();

        _reader.AdvanceTo(read.Buffer.GetPosition(6));

        AssertRead("ner", await _reader.ReadAsync());
    }

    [Fact]
    public async Task AdvanceTo_ToEndOfHeadInPrependedRead_LeavesInner()
    {
        await SendAsync("inner");
        await ExamineHeadAsync();
        var read = await _reader.ReadAsync();

        _reader.AdvanceTo(read.Buffer.GetPosition(4));

        Assert.Equal(1, _headTaken);
        AssertRead("inner", await _reader.ReadAsync());
    }

    [Fact]
    public async Task OnHeadTaken_HeadTakenInParts_IsCalledOnceWithTheLast()
    {
        var read = await _reader.ReadAsync();
        _reader.AdvanceTo(read.Buffer.GetPosition(3), read.Buffer.End);
        Assert.Equal(0, _headTaken);
        await SendAsync("inner");

        _reader.AdvanceTo((await _reader.ReadAsync()).Buffer.GetPosition(1));
        Assert.Equal(1, _headTaken);

        _reader.AdvanceTo((await _reader.ReadAsync()).Buffer.End);
        Assert.Equal(1, _headTaken);
    }

    private Task TakeHeadAsync() => AdvanceHeadAsync(isTaken: true);

    private Task ExamineHeadAsync() => AdvanceHeadAsync(isTaken: false);

    private async Task AdvanceHeadAsync(bool isTaken)
    {
        var read = await _reader.ReadAsync();
        _reader.AdvanceTo(isTaken ? read.Buffer.End : read.Buffer.Start, read.Buffer.End);
    }

    private async Task SendAsync(string text) => await _inner.Writer.WriteAsync(Encoding.Latin1.GetBytes(text));

    private static void AssertRead(string expected, ReadResult read, bool isCompleted = false)
    {
        Assert.Equal(expected, Encoding.Latin1.GetString(read.Buffer.ToArray()));
        Assert.Equal(isCompleted, read.IsCompleted);
        Assert.False(read.IsCanceled);
    }
}
