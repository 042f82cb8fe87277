using System.Net;
using KestrelTlsUpgrade.Tunnel.Internal.Target;

namespace KestrelTlsUpgrade.Tunnel.Internal.Relaying;

/// <summary>The traffic of a tunnel. Each direction updates its own counter, and any thread may read them.</summary>
internal sealed class TunnelFeature(ConnectTarget target, EndPoint? destination) : IConnectTunnelFeature
{
    private long _sent;
    private long _received;
    private volatile Action? _abort;
    private volatile bool _isAborted;

    public string Host => target.Host;

    public int Port => target.Port;

    public EndPoint? Destination => destination;

    public long BytesSent => Volatile.Read(ref _sent);

    public long BytesReceived => Volatile.Read(ref _received);

    public void AddSent(long count) => Volatile.Write(ref _sent, _sent + count);

    public void AddReceived(long count) => Volatile.Write(ref _received, _received + count);

    public void OnAbort(Action abort)
    {
        _abort = abort;
        if (_isAborted)
        {
            abort();
        }
    }

    public void Abort()
    {
        _isAborted = true;
        _abort?.Invoke();
    }
}
