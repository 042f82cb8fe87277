using System.Net;
using System.Net.Sockets;
using KestrelTlsUpgrade.Client.Internal.Dialing;
using KestrelTlsUpgrade.Client.Internal.Switching;
using KestrelTlsUpgrade.Testing;
using Microsoft.Extensions.Time.Testing;
using Origin = KestrelTlsUpgrade.Client.Internal.Origin;

namespace KestrelTlsUpgrade.Client.Tests.Dialing;

public sealed class ParkedConnectionsTests : IDisposable
{
    private static readonly Origin Here = new("a.test", 80);

    private readonly FakeTimeProvider _time = new();
    private readonly ParkedConnections _parked;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly List<IDisposable> _disposables = [];

    public ParkedConnectionsTests()
    {
        _parked = new ParkedConnections(_time);
        _listener.Start();
    }

    public void Dispose()
    {
        _parked.Dispose();
        _disposables.ForEach(static disposable => disposable.Dispose());
        _listener.Dispose();
    }

    [Fact]
    public async Task TryTake_SameOrigin_GivesItOnce()
    {
        var (client, _) = await ConnectAsync();
        _parked.Park(Here, client);
        Assert.Null(_parked.TryTake(Here with { Port = 81 }));
        Assert.NotNull(_parked.TryTake(Here));
        Assert.Null(_parked.TryTake(Here));
    }

    /// <summary>C-69: what has been closed is no connection.</summary>
    [Fact]
    public async Task C69_TryTake_ClosedByTheServer_IsDropped()
    {
        var (client, server) = await ConnectAsync();
        server.Dispose();
        await UntilReadableAsync(client.Socket);
        _parked.Park(Here, client);
        Assert.Null(_parked.TryTake(Here));
    }

    /// <summary>C-19: what the server says unasked is the answer to nothing.</summary>
    [Fact]
    public async Task C19_TryTake_ServerHasSpoken_IsDropped()
    {
        var (client, server) = await ConnectAsync();
        await server.SendAsync("HTTP/1.1 200 OK\r\n\r\n"u8.ToArray());
        await UntilReadableAsync(client.Socket);
        _parked.Park(Here, client);
        Assert.Null(_parked.TryTake(Here));
    }

    [Fact]
    public async Task C19_ServerSpeaksBeforeTheRequest_WriteFails()
    {
        var (client, server) = await ConnectAsync();
        _parked.Park(Here, client);
        var taken = (QuietStream)_parked.TryTake(Here)!;
        await server.SendAsync("x"u8.ToArray());
        using var timeout = new CancellationTokenSource(RawConnection.Patience);
        while (!taken.HasEndedQuiet)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(1), timeout.Token);
        }

        var exception = await Assert.ThrowsAsync<HttpIOException>(async () => await taken.WriteAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray()));
        Assert.Equal(HttpRequestError.InvalidResponse, exception.HttpRequestError);
        await taken.DisposeAsync();
    }

    [Fact]
    public async Task Taken_AnswerIsReadWhole()
    {
        var (client, server) = await ConnectAsync();
        _parked.Park(Here, client);
        await using var taken = _parked.TryTake(Here)!;
        await taken.WriteAsync("q"u8.ToArray());
        await server.SendAsync("answer"u8.ToArray());
        Assert.Equal(0, await taken.ReadAsync(Memory<byte>.Empty, TestContext.Current.CancellationToken));
        var answer = new byte[6];
        await taken.ReadExactlyAsync(answer, TestContext.Current.CancellationToken);
        Assert.Equal("answer"u8.ToArray(), answer);
        await server.SendAsync("more"u8.ToArray());
        await taken.ReadExactlyAsync(answer.AsMemory(0, 4), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task NobodyTakesIt_NothingIsLeft()
    {
        for (var i = 0; i < 3; i++)
        {
            var (client, server) = await ConnectAsync();
            _parked.Park(Here, new EndlessStream(client));
            Assert.True(client.CanRead);
            _time.Advance(TimeSpan.FromSeconds(2));
            Assert.Null(_parked.TryTake(Here));
            Assert.Equal(0, await server.ReceiveAsync(new byte[1]));
        }
    }

    [Fact]
    public async Task Disposed_NothingIsLeftNorTaken()
    {
        var (client, server) = await ConnectAsync();
        _parked.Park(Here, client);
        _parked.Dispose();
        Assert.Equal(0, await server.ReceiveAsync(new byte[1]));
        var (late, _) = await ConnectAsync();
        _parked.Park(Here, new EndlessStream(late));
        Assert.Null(_parked.TryTake(Here));
        Assert.False(late.CanRead);
    }

    private async Task<(NetworkStream Client, Socket Server)> ConnectAsync()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(_listener.LocalEndpoint);
        var server = await _listener.AcceptSocketAsync();
        var client = new NetworkStream(socket, ownsSocket: true);
        _disposables.AddRange([client, server]);
        return (client, server);
    }

    private static async Task UntilReadableAsync(Socket socket)
    {
        using var timeout = new CancellationTokenSource(RawConnection.Patience);
        while (!socket.Poll(0, SelectMode.SelectRead))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(1), timeout.Token);
        }
    }

    /// <summary>A connection whose reads do not end with it, so that only its removal keeps it from being taken.</summary>
    private sealed class EndlessStream(Stream inner) : WrappedStream(inner)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            new(new TaskCompletionSource<int>().Task);
    }
}
