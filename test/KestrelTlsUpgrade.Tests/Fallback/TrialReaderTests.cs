using System.IO.Pipelines;
using System.Net;
using System.Text;
using KestrelTlsUpgrade.Internal.Fallback;
using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Internal.Telemetry;
using KestrelTlsUpgrade.Testing;
using KestrelTlsUpgrade.Tests.Support;
using Microsoft.AspNetCore.Connections;

namespace KestrelTlsUpgrade.Tests.Fallback;

/// <summary>What a client does once the answer has been sent, and what that says of it.</summary>
public sealed class TrialReaderTests
{
    private static readonly IPEndPoint Caller = new(IPAddress.Parse("192.0.2.7"), 4000);

    private readonly FallbackMemory _memory = new(TimeSpan.FromHours(1), TimeProvider.System);
    private readonly Pipe _pipe = new();
    private readonly FallbackTrial _trial;
    private readonly PipeReader _reader;

    public TrialReaderTests()
    {
        var request = Request();
        Assert.Equal(DeclineReason.None, _memory.Judge(Caller, request));
        _trial = request.Trial!;
        var context = new TestConnection().Context;
        context.RemoteEndPoint = Caller;
        _reader = _trial.Watch(_pipe.Reader, context, request, UpgradeConnections.CreateSettings());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task NextRequest_Succeeds(bool isThere)
    {
        var reading = isThere ? default : _reader.ReadAsync(TestContext.Current.CancellationToken);
        await _pipe.Writer.WriteAsync("G"u8.ToArray(), TestContext.Current.CancellationToken);
        var result = await (isThere ? _reader.ReadAsync(TestContext.Current.CancellationToken) : reading);
        Assert.Equal(1, result.Buffer.Length);
        _trial.Conclude(isReset: true);
        Assert.Equal("certain", Outcome());
    }

    [Fact]
    public async Task NextRequest_ByTryRead_Succeeds()
    {
        Assert.False(_reader.TryRead(out _));
        await _pipe.Writer.WriteAsync("G"u8.ToArray(), TestContext.Current.CancellationToken);
        Assert.True(_reader.TryRead(out var result));
        _reader.AdvanceTo(result.Buffer.End);
        Assert.Equal("certain", Outcome());
    }

    /// <summary>It has closed before the answer began, and so has not waited for it.</summary>
    [Theory]
    [InlineData("closed", "fallen")]
    [InlineData("reset", "fallen")]
    [InlineData("sent", "open")]
    [InlineData("silent", "open")]
    [InlineData("read", "open")]
    public async Task AnswerBegins_LooksAtWhatHasArrived(string what, string outcome)
    {
        var transport = new Pipe();
        _trial.Begin(transport.Reader);
        var reading = what == "read" ? transport.Reader.ReadAsync(TestContext.Current.CancellationToken) : default;
        if (what is "closed" or "reset")
        {
            await transport.Writer.CompleteAsync(what is "reset" ? new ConnectionResetException("It is gone.") : null);
        }
        else if (what is "sent")
        {
            await transport.Writer.WriteAsync("G"u8.ToArray(), TestContext.Current.CancellationToken);
        }

        _trial.AnswerBegins();
        Assert.Equal(outcome, Outcome());
        if (what is "sent")
        {
            // Still there for TLS.
            Assert.Equal(1, (await transport.Reader.ReadAsync(TestContext.Current.CancellationToken)).Buffer.Length);
        }
        else if (what is "read")
        {
            transport.Reader.CancelPendingRead();
            Assert.True((await reading).IsCanceled);
        }
    }

    [Theory]
    [InlineData(true, false, "watched")]
    [InlineData(false, false, "fallen")]
    [InlineData(true, true, "fallen")]
    [InlineData(false, true, "fallen")]
    public async Task End_IsWhatTheConnectionEndsWith(bool hasCloseNotify, bool isReset, string outcome)
    {
        var transport = new Pipe();
        var below = _trial.Begin(transport.Reader);
        if (hasCloseNotify)
        {
            await transport.Writer.WriteAsync(new byte[24], TestContext.Current.CancellationToken);
            below.AdvanceTo((await below.ReadAsync(TestContext.Current.CancellationToken)).Buffer.End);
        }

        var reading = _reader.ReadAsync(TestContext.Current.CancellationToken);
        await _pipe.Writer.CompleteAsync();
        Assert.True((await reading).IsCompleted);
        Assert.Equal("open", Outcome());
        _trial.Conclude(isReset);
        Assert.Equal(outcome, Outcome());
    }

    [Fact]
    public async Task ResetOrAlert_Fails()
    {
        await _pipe.Writer.CompleteAsync(new ConnectionResetException("It is gone."));
        await Assert.ThrowsAsync<ConnectionResetException>(async () => await _reader.ReadAsync(TestContext.Current.CancellationToken));
        Assert.Equal("fallen", Outcome());
    }

    [Fact]
    public async Task ResetOrAlert_ByTryRead_Fails()
    {
        await _pipe.Writer.CompleteAsync(new IOException("It has sent an alert."));
        Assert.Throws<IOException>(() => _reader.TryRead(out _));
        Assert.Equal("fallen", Outcome());
    }

    /// <summary>The read of an idle connection is interrupted once, and by Kestrel's timeouts.</summary>
    [Fact]
    public async Task Interruption_SaysNothing()
    {
        var reading = _reader.ReadAsync(TestContext.Current.CancellationToken);
        _reader.CancelPendingRead();
        var result = await reading;
        Assert.True(result.IsCanceled);
        _reader.AdvanceTo(result.Buffer.Start);
        Assert.Equal("open", Outcome());
        await _pipe.Writer.WriteAsync("G"u8.ToArray(), TestContext.Current.CancellationToken);
        await _reader.ReadAsync(TestContext.Current.CancellationToken);
        Assert.Equal("certain", Outcome());
    }

    /// <summary>The server has closed, without another read.</summary>
    [Theory]
    [InlineData(false, "watched")]
    [InlineData(true, "fallen")]
    public void NoRead_IsWhatTheConnectionEndsWith(bool isReset, string outcome)
    {
        _trial.Conclude(isReset);
        Assert.Equal(outcome, Outcome());
    }

    /// <summary>The application fails within its answer, or gives up because the client has left.</summary>
    [Theory]
    [InlineData(true, "fallen")]
    [InlineData(false, "watched")]
    public async Task AnswerIsCut_ByAReset_Fails(bool isReset, string outcome)
    {
        var transport = new Pipe();
        _trial.Begin(transport.Reader);
        if (isReset)
        {
            await transport.Writer.CompleteAsync(new ConnectionResetException("It is gone."));
        }

        _trial.AnswerIsCut();
        Assert.True(_trial.IsOver);
        Assert.Equal(outcome, Outcome());
    }

    /// <summary>The server has ended the connection.</summary>
    [Fact]
    public async Task AnswerBegins_ConnectionAborted_SaysNothing()
    {
        var transport = new Pipe();
        _trial.Begin(transport.Reader);
        await transport.Writer.CompleteAsync(new ConnectionAbortedException());
        _trial.AnswerBegins();
        Assert.Equal("open", Outcome());
    }

    private string Outcome()
    {
        var request = Request();
        return _memory.Judge(Caller, request) switch
        {
            DeclineReason.FellBack => "fallen",
            DeclineReason.FirstUnderWay => "open",
            _ => request.Trial is null ? "certain" : "watched",
        };
    }

    private static UpgradeRequest Request() => new(
        UpgradeToken.Tls12, "host.test", Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: host.test\r\nUser-Agent: old/1.0\r\n\r\n"), isFirst: true);
}
