using System.Net;
using System.Net.Sockets;
using KestrelTlsUpgrade.Internal.ResponseHead;
using KestrelTlsUpgrade.Testing;
using KestrelTlsUpgrade.Tunnel.Internal.Dialing;
using Microsoft.Extensions.Time.Testing;

namespace KestrelTlsUpgrade.Tunnel.Tests.Dialing;

/// <summary>Happy eyeballs (RFC 8305).</summary>
public sealed class DialerTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly List<(IPEndPoint EndPoint, TaskCompletionSource<Socket> End, CancellationToken Token)> _attempts = [];
    private readonly SemaphoreSlim _started = new(0);

    public void Dispose() => _started.Dispose();

    private Dialer Create() => new(
        (endPoint, token) =>
        {
            var end = new TaskCompletionSource<Socket>(TaskCreationOptions.RunContinuationsAsynchronously);
            token.Register(() => end.TrySetCanceled(token));
            lock (_attempts)
            {
                _attempts.Add((endPoint, end, token));
            }

            _started.Release();
            return end.Task;
        },
        _time);

    private static IPAddress[] Parse(params string[] addresses) => [.. addresses.Select(IPAddress.Parse)];

    private Task StartedAsync() => _started.WaitAsync(RawConnection.Patience);

    private static Socket CreateSocket() => new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    [Theory]
    [InlineData("", "")]
    [InlineData("1.1.1.1", "1.1.1.1")]
    [InlineData("::1 ::2 ::3 1.1.1.1 1.1.1.2", "::1 1.1.1.1 ::2 1.1.1.2 ::3")]
    [InlineData("1.1.1.1 1.1.1.2 ::1", "1.1.1.1 ::1 1.1.1.2")]
    [InlineData("1.1.1.1 ::1 ::2", "1.1.1.1 ::1 ::2")]
    public void Interleave_TakesFamiliesInTurns(string addresses, string expected) => Assert.Equal(
        expected,
        string.Join(' ', AddressOrder.Interleave(Parse(addresses.Split(' ', StringSplitOptions.RemoveEmptyEntries))).AsEnumerable()));

    [Fact]
    public async Task FirstIsSilent_SecondBeginsAfterTheDelayAndWins()
    {
        var dial = Create().DialAsync(Parse("::1", "::2", "1.1.1.1"), 443, default);
        await StartedAsync();
        _time.Advance(Dialer.AttemptDelay - TimeSpan.FromMilliseconds(1));
        Assert.Single(_attempts);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await StartedAsync();
        Assert.Equal("1.1.1.1:443", _attempts[1].EndPoint.ToString());
        using var socket = CreateSocket();
        _attempts[1].End.SetResult(socket);
        Assert.Same(socket, await dial);
        Assert.True(_attempts[0].Token.IsCancellationRequested);
        Assert.False(socket.SafeHandle.IsClosed);
    }

    [Fact]
    public async Task FirstFails_SecondBeginsAtOnce()
    {
        var dial = Create().DialAsync(Parse("1.1.1.1", "1.1.1.2"), 443, default);
        await StartedAsync();
        _attempts[0].End.SetException(new SocketException((int)SocketError.ConnectionRefused));
        await StartedAsync();
        using var socket = CreateSocket();
        _attempts[1].End.SetResult(socket);
        Assert.Same(socket, await dial);
    }

    [Fact]
    public async Task LoserThatConnectsAllTheSame_IsClosed()
    {
        var dial = Create().DialAsync(Parse("1.1.1.1", "1.1.1.2"), 443, default);
        await StartedAsync();
        _time.Advance(Dialer.AttemptDelay);
        await StartedAsync();
        var (winner, loser) = (CreateSocket(), CreateSocket());
        lock (_attempts)
        {
            _attempts[0].End.SetResult(loser);
            _attempts[1].End.SetResult(winner);
        }

        var won = await dial;
        var lost = won == winner ? loser : winner;
        await Settling.UntilAsync(() => lost.SafeHandle.IsClosed, () => "the socket of the slower attempt");
        Assert.False(won.SafeHandle.IsClosed);
        won.Dispose();
    }

    [Fact]
    public async Task BothPending_FirstFails_SecondIsWaitedFor()
    {
        var dial = Create().DialAsync(Parse("1.1.1.1", "1.1.1.2"), 443, default);
        await StartedAsync();
        _time.Advance(Dialer.AttemptDelay);
        await StartedAsync();
        _attempts[0].End.SetException(new SocketException((int)SocketError.ConnectionRefused));
        using var socket = CreateSocket();
        _attempts[1].End.SetResult(socket);
        Assert.Same(socket, await dial);
    }

    [Fact]
    public async Task Dialed_SendsAtOnce()
    {
        await using var listener = new LoopbackListener(static _ => Task.CompletedTask, IPAddress.Loopback);
        using var socket = await new Dialer(TimeProvider.System).DialAsync([IPAddress.Loopback], listener.EndPoint.Port, default);
        Assert.True(socket.NoDelay);
    }

    [Fact]
    public async Task AllFail_LastFailureIsTold()
    {
        var dial = Create().DialAsync(Parse("1.1.1.1", "1.1.1.2"), 443, default);
        await StartedAsync();
        _attempts[0].End.SetException(new SocketException((int)SocketError.NetworkUnreachable));
        await StartedAsync();
        _attempts[1].End.SetException(new SocketException((int)SocketError.ConnectionRefused));
        Assert.Equal(SocketError.ConnectionRefused, (await Assert.ThrowsAsync<SocketException>(() => dial)).SocketErrorCode);
    }

    [Fact]
    public async Task Canceled_EndsAllAttempts()
    {
        using var stop = new CancellationTokenSource();
        var dial = Create().DialAsync(Parse("1.1.1.1", "1.1.1.2", "1.1.1.3"), 443, stop.Token);
        await StartedAsync();
        _time.Advance(Dialer.AttemptDelay);
        await StartedAsync();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => dial);
        Assert.All(_attempts, attempt => Assert.True(attempt.Token.IsCancellationRequested));
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK", 200)]
    [InlineData("HTTP/1.0 200 Connection established", 200)]
    [InlineData("HTTP/1.1 407 X\r\nProxy-Authenticate: Basic realm=\"a\"", 407)]
    [InlineData("HTTP/1.1 200", 200)]
    [InlineData("HTTP/2.0 200 OK", 0)]
    [InlineData("HTTP/1.1 20", 0)]
    [InlineData("HTTP/1.1 2000", 0)]
    [InlineData("HTTP/1.1 099 X", 0)]
    [InlineData("HTTP/1.1 101 Switching", 0)]
    [InlineData("SSH-2.0-x", 0)]
    [InlineData("HTTP/1.1 200 OK\r\nA", 0)]
    [InlineData("HTTP/1.1 200 OK\r\n: a", 0)]
    [InlineData("HTTP/1.1 200 OK\r\nA: b\nC: d", 0)]
    [InlineData("HTTP/1.1 200 OK\r\nA: b\rC: d", 0)]
    public void NextProxyAnswer_Parse_TakesOnlyHttp1(string head, int status)
    {
        var progress = default(HeadProgress);
        var bytes = System.Text.Encoding.ASCII.GetBytes(head + "\r\n\r\n");
        var judgement = ResponseHeadReader.Judge(bytes, NextProxy.MaxAnswerSize, ref progress, out var received);
        Assert.Equal(status, judgement is HeadJudgement.Complete ? NextProxyAnswer.Of(received)?.Status ?? 0 : 0);
    }
}
