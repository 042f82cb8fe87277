using System.Net.Sockets;
using KestrelTlsUpgrade.Client.Internal.Switching;

namespace KestrelTlsUpgrade.Client.Tests.Support;

/// <summary>Lets a number of bytes pass and then ends the connection, as a server that dies does.</summary>
internal sealed class CutStream(Stream inner, int length) : WrappedStream(inner)
{
    private int _left = length;

    public bool IsCut { get; private set; }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = Math.Min(_left, buffer.Length);
        _left -= count;
        await Inner.WriteAsync(buffer[..count], cancellationToken);
        if (count < buffer.Length)
        {
            IsCut = true;
            throw new IOException("Cut.", new SocketException());
        }
    }
}
