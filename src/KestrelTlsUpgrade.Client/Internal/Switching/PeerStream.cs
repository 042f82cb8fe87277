using System.Net.Sockets;

namespace KestrelTlsUpgrade.Client.Internal.Switching;

/// <summary>
/// Shows the connection pool the socket of a connection, whose address it puts into its metrics and traces. The pool looks for a
/// NetworkStream, and its filter then replaces this one, so nothing is read or written here.
/// </summary>
internal sealed class PeerStream : NetworkStream
{
    private readonly Stream _stream;

    private PeerStream(Socket socket, Stream stream)
        : base(socket, ownsSocket: false)
    {
        GC.SuppressFinalize(this);
        _stream = stream;
    }

    /// <summary>
    /// Sets how a handler connects. If the application has a filter of its own, the pool does not get to know the socket: that filter must
    /// not see one that it could write to past TLS.
    /// </summary>
    public static void Connect(SocketsHttpHandler handler, Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>> connect)
    {
        if (handler.PlaintextStreamFilter is not null)
        {
            handler.ConnectCallback = connect;
            return;
        }

        handler.ConnectCallback = async (context, cancellationToken) => Wrap(await connect(context, cancellationToken).ConfigureAwait(false));
        handler.PlaintextStreamFilter = static (context, _) =>
            new(context.PlaintextStream is PeerStream peer ? peer._stream : context.PlaintextStream);
    }

    private static Stream Wrap(Stream stream) =>
        stream is WrappedStream { Socket: { Connected: true, Blocking: true, SocketType: SocketType.Stream } socket }
            ? new PeerStream(socket, stream)
            : stream;

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _stream.Dispose();
        }

        base.Dispose(disposing);
    }
}
