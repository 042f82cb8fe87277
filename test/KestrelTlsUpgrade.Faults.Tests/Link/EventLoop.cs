using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace KestrelTlsUpgrade.Faults.Tests.Link;

/// <summary>
/// The process's own event loop, which tells all sockets of a run of their bytes, in the order in which these came. Whoever was
/// sent bytes before a turn of it began has been told of them when it is over.
/// </summary>
internal static class EventLoop
{
    /// <summary>As many as work at once: a number that does not change is no leak.</summary>
    private const int Pairs = 32;

    private static readonly byte[] One = [1];
    private static readonly Channel<(Socket Left, Socket Right)> Free = Open();

    /// <summary>Waits for some turns, or until it need not any more.</summary>
    public static async Task TurnAsync(int count, Func<bool>? isOver = null)
    {
        var (left, right) = await Free.Reader.ReadAsync();
        var buffer = new byte[1];
        for (var turn = 0; turn < count && isOver?.Invoke() is not true; turn++)
        {
            // Begun before there is anything to receive, so that it has to go by way of the event loop.
            var received = right.ReceiveAsync(buffer);
            await left.SendAsync(One);
            await received;
        }

        Assert.True(Free.Writer.TryWrite((left, right)));
    }

    private static Channel<(Socket Left, Socket Right)> Open()
    {
        var free = Channel.CreateBounded<(Socket Left, Socket Right)>(Pairs);
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        for (var i = 0; i < Pairs; i++)
        {
            var left = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            left.Connect(listener.LocalEndPoint!);
            free.Writer.TryWrite((left, listener.Accept()));
        }

        return free;
    }
}
