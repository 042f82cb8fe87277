namespace KestrelTlsUpgrade.Client.Internal.Dialing;

/// <summary>A tunnel on its way from the handler that opened it to whoever asked for it, who may have given up waiting.</summary>
internal sealed class TunnelHandover
{
    private readonly Lock _lock = new();
    private Stream? _tunnel;
    private bool _isOver;

    /// <summary>Hands the tunnel over, or closes it if nobody waits any more.</summary>
    public void Put(Stream tunnel)
    {
        lock (_lock)
        {
            if (!_isOver)
            {
                _tunnel = tunnel;
                return;
            }
        }

        tunnel.Dispose();
    }

    /// <summary>Takes what there is. Whatever comes later is closed.</summary>
    public Stream? End()
    {
        lock (_lock)
        {
            _isOver = true;
            return _tunnel;
        }
    }
}
