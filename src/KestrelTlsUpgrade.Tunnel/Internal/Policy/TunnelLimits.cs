using System.Net;
using KestrelTlsUpgrade.Connections;

namespace KestrelTlsUpgrade.Tunnel.Internal.Policy;

/// <summary>Counts tunnels, in total and per caller.</summary>
internal sealed class TunnelLimits(int maxTunnels, int maxTunnelsPerCaller)
{
    private readonly Dictionary<CallerKey, int> _byCaller = [];
    private readonly Lock _lock = new();
    private int _total;

    /// <summary>Reserves a place for a tunnel, released when disposed; <see langword="null"/> if none is free.</summary>
    public IDisposable? TryEnter(EndPoint? caller)
    {
        var key = CallerKey.Of(caller);
        lock (_lock)
        {
            var count = _byCaller.GetValueOrDefault(key);
            if (_total >= maxTunnels || count >= maxTunnelsPerCaller)
            {
                return null;
            }

            _total++;
            _byCaller[key] = count + 1;
            return new Place(this, key);
        }
    }

    private void Leave(CallerKey caller)
    {
        lock (_lock)
        {
            _total--;
            if (--_byCaller[caller] == 0)
            {
                _byCaller.Remove(caller);
            }
        }
    }

    private sealed class Place(TunnelLimits limits, CallerKey caller) : IDisposable
    {
        private int _isLeft;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isLeft, 1) == 0)
            {
                limits.Leave(caller);
            }
        }
    }
}
