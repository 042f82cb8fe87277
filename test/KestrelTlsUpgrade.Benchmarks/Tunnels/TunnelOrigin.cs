using System.Net;
using System.Net.Sockets;

namespace KestrelTlsUpgrade.Benchmarks.Tunnels;

/// <summary>Where tunnels lead: sends to whoever connects until it gets a byte, or takes whatever comes.</summary>
internal sealed class TunnelOrigin : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public TunnelOrigin(bool isSending)
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(backlog: 4096);
        new Thread(() => Accept(isSending)) { IsBackground = true }.Start();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    public void Dispose() => _listener.Dispose();

    private void Accept(bool isSending)
    {
        try
        {
            while (true)
            {
                var socket = _listener.Accept();
                if (isSending)
                {
                    // Sends one behind the other seldom wait, and would leave the thread pool no thread for anything else.
                    new Thread(() => Send(socket)) { IsBackground = true }.Start();
                }
                else
                {
                    _ = WaitAsync(socket);
                }
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // It is over.
        }
    }

    private static void Send(Socket socket)
    {
        using (socket)
        {
            var buffer = new byte[64 * 1024];
            try
            {
                while (socket.Available == 0)
                {
                    socket.Send(buffer);
                }

                socket.Receive(buffer);
                socket.Shutdown(SocketShutdown.Send);
                socket.Receive(buffer);
            }
            catch (SocketException)
            {
                // The client has gone.
            }
        }
    }

    private static async Task WaitAsync(Socket socket)
    {
        using (socket)
        {
            try
            {
                if (await socket.ReceiveAsync(new byte[1]) > 0)
                {
                    await Task.Factory.StartNew(() => Receive(socket), TaskCreationOptions.LongRunning);
                }
            }
            catch (SocketException)
            {
                // The client has gone.
            }
        }
    }

    private static void Receive(Socket socket)
    {
        var buffer = new byte[64 * 1024];
        while (socket.Receive(buffer) > 0)
        {
            // There is more.
        }
    }
}
