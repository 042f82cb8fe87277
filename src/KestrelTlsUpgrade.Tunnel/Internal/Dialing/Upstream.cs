using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace KestrelTlsUpgrade.Tunnel.Internal.Dialing;

/// <summary>The far side of a tunnel: a connection to the destination, or to the next proxy.</summary>
internal sealed class Upstream : IDisposable
{
    private readonly Socket _socket;

    public Upstream(Socket socket)
        : this(socket, new NetworkStream(socket, ownsSocket: true), default)
    {
    }

    private Upstream(Socket socket, Stream stream, ReadOnlyMemory<byte> early)
    {
        _socket = socket;
        Stream = stream;
        Early = early;
        EndPoint = GetRemoteEndPoint(socket);
    }

    public Stream Stream { get; }

    /// <summary>What has been read from it already: what came behind the next proxy's answer.</summary>
    public ReadOnlyMemory<byte> Early { get; }

    public EndPoint? EndPoint { get; }

    public Upstream WithEarly(ReadOnlyMemory<byte> early) => new(_socket, Stream, early);

    public Upstream WithTls(SslStream stream) => new(_socket, stream, default);

    /// <summary>Ends this side's half. What it sent before is delivered first.</summary>
    public async ValueTask EndSendingAsync()
    {
        if (Stream is SslStream tls)
        {
            await tls.ShutdownAsync();
        }

        _socket.Shutdown(SocketShutdown.Send);
    }

    /// <summary>Ends the connection with a reset: something is broken, and the other side has to know.</summary>
    public void Reset()
    {
        try
        {
            _socket.LingerState = new LingerOption(enable: true, seconds: 0);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // It is over already.
        }

        Dispose();
    }

    /// <summary>A connection that the other side has reset by now has none any more.</summary>
    private static EndPoint? GetRemoteEndPoint(Socket socket)
    {
        try
        {
            return socket.RemoteEndPoint;
        }
        catch (SocketException)
        {
            return null;
        }
    }

    public void Dispose()
    {
        // The socket goes first: disposing of TLS must not wait for anybody.
        _socket.Dispose();
        Stream.Dispose();
    }
}
