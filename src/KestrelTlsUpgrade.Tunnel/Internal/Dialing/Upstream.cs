using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using KestrelTlsUpgrade.Connections.Pipes;

namespace KestrelTlsUpgrade.Tunnel.Internal.Dialing;

/// <summary>The far side of a tunnel: a connection to the destination or the next proxy.</summary>
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

    /// <summary>Bytes that were already read: those received after the next proxy's answer.</summary>
    public ReadOnlyMemory<byte> Early { get; }

    public EndPoint? EndPoint { get; }

    /// <summary>Whether the other side has reset the connection.</summary>
    public bool IsBroken => BrokenSocket.IsBroken(_socket);

    public Upstream WithEarly(ReadOnlyMemory<byte> early) => new(_socket, Stream, early);

    public Upstream WithTls(SslStream stream) => new(_socket, stream, default);

    /// <summary>Shuts down this direction. Data sent before is still delivered.</summary>
    public async ValueTask EndSendingAsync()
    {
        if (Stream is SslStream tls)
        {
            await CloseNotify.SendAsync(tls, CancellationToken.None);
        }

        _socket.Shutdown(SocketShutdown.Send);
    }

    /// <summary>Resets the connection, so that the other side knows that something broke.</summary>
    public void Reset()
    {
        try
        {
            _socket.LingerState = new LingerOption(enable: true, seconds: 0);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The connection is already closed.
        }

        Dispose();
    }

    /// <summary>Returns nothing if the other side has already reset the connection.</summary>
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
        // The socket is closed first: disposing TLS must not wait for the peer.
        _socket.Dispose();
        Stream.Dispose();
    }
}
