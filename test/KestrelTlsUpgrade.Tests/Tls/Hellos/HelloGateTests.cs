using System.Buffers;
using System.IO.Pipelines;
using KestrelTlsUpgrade.Internal.Telemetry;
using KestrelTlsUpgrade.Internal.Tls;
using KestrelTlsUpgrade.Internal.Tls.Hellos;
using KestrelTlsUpgrade.Testing;
using KestrelTlsUpgrade.Tests.Support;
using Microsoft.AspNetCore.Connections;
using TlsStart = KestrelTlsUpgrade.Internal.Telemetry.TlsStart;

namespace KestrelTlsUpgrade.Tests.Tls.Hellos;

public sealed class HelloGateTests
{
    private static readonly byte[] Message = MadeHello.Offering("localhost", "http/1.1").ToMessage();

    private readonly Pipe _pipe = new();
    private readonly HandshakeTrace _watch = HandshakeWatches.Create(TlsStart.FirstRequest);
    private readonly HelloGate _gate;

    public HelloGateTests() => _gate = new(_pipe.Reader, _watch);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ReadAsync_WholeHello_IsJudgedAndLeftWhereItIs()
    {
        var record = HelloRecords.Record(Message);
        await _pipe.Writer.WriteAsync(record, Token);
        var read = await _gate.ReadAsync(Token);

        Assert.Equal("localhost", _watch.Hello!.ServerName);
        Assert.Equal(record, read.Buffer.ToArray());
        _gate.AdvanceTo(read.Buffer.Start);
        Assert.Equal(record, (await _gate.ReadAsync(Token)).Buffer.ToArray());
    }

    [Fact]
    public async Task ReadAsync_HelloThatArrivesOctetByOctet_LetsNothingThroughBeforeItsEnd()
    {
        var record = HelloRecords.Record(Message);
        var reading = _gate.ReadAsync(Token).AsTask();
        foreach (var octet in record)
        {
            Assert.False(reading.IsCompleted);
            await _pipe.Writer.WriteAsync(new[] { octet }, Token);
        }

        Assert.Equal(record, (await reading).Buffer.ToArray());
    }

    /// <summary>The reset arrives before the octets in front of it have been read. They must not be read over and over.</summary>
    [Fact]
    public async Task ReadAsync_ResetWithinTheHeaderOfALaterRecord_IsAReset()
    {
        var scheduler = new HeldScheduler();
        var pipe = new Pipe(new PipeOptions(readerScheduler: scheduler, useSynchronizationContext: false));
        var gate = new HelloGate(new HandshakeInput(pipe.Reader), _watch);
        var records = HelloRecords.OfSize(Message, 1).AsMemory();
        await pipe.Writer.WriteAsync(records[..6], Token);
        var reading = gate.ReadAsync(Token).AsTask();
        await pipe.Writer.WriteAsync(records[6..9], Token);
        await pipe.Writer.CompleteAsync(new ConnectionResetException(""));
        _ = Task.Run(scheduler.Run, Token);

        await Assert.ThrowsAsync<ConnectionResetException>(() => reading.WaitAsync(TestConnection.Patience, Token));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(20)]
    [InlineData(60)]
    public async Task ReadAsync_HelloInRecordsOfASize_BecomesOneRecord(int size)
    {
        byte[] behind = HelloRecords.Record([1], HelloRecords.ChangeCipherSpec);
        await _pipe.Writer.WriteAsync((byte[])[.. HelloRecords.OfSize(Message, size), .. behind], Token);
        var read = await _gate.ReadAsync(Token);

        Assert.Equal(HelloRecords.Record(Message), read.Buffer.ToArray());
        _gate.AdvanceTo(read.Buffer.End);
        Assert.Equal(behind, (await _gate.ReadAsync(Token)).Buffer.ToArray());
        Assert.Equal("localhost", _watch.Hello!.ServerName);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n", FailureCause.PlaintextAfter101)]
    [InlineData("\x15\x03\x03\x00\x02\x02\x28", FailureCause.ClientAlert)]
    [InlineData("\x16\x03\x01\x00\x00", FailureCause.UnreadableHello)]
    [InlineData("\x16\x02\x01\x00\x05\x01", FailureCause.UnreadableHello)]
    [InlineData("\x16\x03\x01\x40\x01\x01", FailureCause.UnreadableHello)]
    [InlineData("\x16\x03\x01\x00\x05\x02", FailureCause.UnreadableHello)]
    [InlineData("\x16\x03\x01\x00\x05\x01\x00\x40\x00", FailureCause.UnreadableHello)]
    [InlineData("\x16\x03\x01\x00\x06\x01\x00\x00\x01", FailureCause.UnreadableHello)]
    [InlineData("\x16\x03\x01\x00\x01\x01\x15\x03\x01\x00\x01", FailureCause.UnreadableHello)]
    [InlineData("\x16\x03\x01\x00\x01\x01\x16\x03\x01\x00\x00", FailureCause.UnreadableHello)]
    [InlineData("\x16\x03\x01\x00\x05\x01\x00\x00\x08\x03\x16\x03\x01\x00\x09", FailureCause.UnreadableHello)]
    internal async Task ReadAsync_WhatCannotBeRead_IsRefusedAsSoonAsItShows(string octets, FailureCause expected)
    {
        var bytes = System.Text.Encoding.Latin1.GetBytes(octets);
        if (expected is FailureCause.UnreadableHello && octets[^1] is '\x09')
        {
            // What is behind the message in its record shows when the record has come.
            bytes = [.. bytes, 0, 0, 0, 0, 0, 0, 0, 0];
        }

        await _pipe.Writer.WriteAsync(bytes, Token);
        await AssertEndAsync();
        Assert.Equal(expected, _watch.Refusal);
        Assert.False(_pipe.Reader.TryRead(out _));
    }

    [Fact]
    public async Task ReadAsync_MoreOctetsThanTheBound_IsRefused()
    {
        // A message that would be short enough, in records of one octet.
        var message = new MadeHello().With(21, MadeHello.Fixed(new byte[12_000])).ToMessage();
        var writing = _pipe.Writer.WriteAsync(HelloRecords.OfSize(message, 1), Token);
        await AssertEndAsync();
        Assert.Equal(FailureCause.UnreadableHello, _watch.Refusal);
        await writing;
    }

    [Theory]
    [InlineData("")]
    [InlineData("\x16\x03\x01")]
    public async Task ReadAsync_EndBeforeTheHello_IsAnEndForTls(string octets)
    {
        await _pipe.Writer.WriteAsync(System.Text.Encoding.Latin1.GetBytes(octets), Token);
        await _pipe.Writer.CompleteAsync();
        var read = await _gate.ReadAsync(Token);

        Assert.True(read.IsCompleted);
        Assert.True(read.Buffer.IsEmpty);
        _gate.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        Assert.Equal(FailureCause.None, _watch.Refusal);
    }

    [Fact]
    public async Task ReadAsync_InterruptedBeforeTheHello_GoesOnWaiting()
    {
        var reading = _gate.ReadAsync(Token).AsTask();
        _gate.CancelPendingRead();
        await _pipe.Writer.WriteAsync(HelloRecords.Record(Message), Token);
        var read = await reading;
        Assert.False(read.IsCanceled);
        Assert.False(read.Buffer.IsEmpty);
    }

    [Fact]
    public async Task ReadAsync_RefusedClient_IsAnEndForTls()
    {
        await _pipe.Writer.WriteAsync(HelloRecords.Record(MadeHello.Offering("localhost", "h2").ToMessage()), Token);
        await AssertEndAsync();
        Assert.Equal(FailureCause.Http2Offered, _watch.Refusal);
        Assert.False(_pipe.Reader.TryRead(out _));
    }

    /// <summary>TLS gets nothing of what came, however often it asks.</summary>
    private async Task AssertEndAsync()
    {
        for (var i = 0; i < 2; i++)
        {
            var read = await _gate.ReadAsync(Token);
            Assert.True(read is { IsCompleted: true, IsCanceled: false, Buffer.IsEmpty: true });
            _gate.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    [Fact]
    public async Task Complete_IsPassedOn()
    {
        await _gate.CompleteAsync();
        Assert.True((await _pipe.Writer.WriteAsync(new byte[1], Token)).IsCompleted);
        _gate.Complete();
    }

    /// <summary>Lets a reader go on only when it is told to.</summary>
    private sealed class HeldScheduler : PipeScheduler
    {
        private Action? _held;

        public override void Schedule(Action<object?> action, object? state) => _held += () => action(state);

        public void Run() => _held!();
    }
}
