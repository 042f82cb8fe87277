using System.Net;
using System.Net.Sockets;

namespace KestrelTlsUpgrade.Tunnel.Internal.Policy;

/// <summary>Counts tunnels, in total and per caller.</summary>
internal sealed class TunnelLimits(int maxTunnels, int maxTunnelsPerCaller)
{
    private const int NetworkPrefix = 8;

    private readonly Dictionary<IPAddress, int> _byCaller = [];
    private readonly Lock _lock = new();
    private int _total;

    /// <summary>Reserves a place for a tunnel, released when disposed; <see langword="null"/> if none is free.</summary>
    public IDisposable? TryEnter(EndPoint? caller)
    {
        var key = GetKey(caller);
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

    private void Leave(IPAddress key)
    {
        lock (_lock)
        {
            _total--;
            if (--_byCaller[key] == 0)
            {
                _byCaller.Remove(key);
            }
        }
    }

    /// <summary>An IPv6 caller has a whole network of addresses (RFC 6177 section 2).</summary>
    private static IPAddress GetKey(EndPoint? caller)
    {
        var address = caller is IPEndPoint endPoint ? SpecialAddresses.Unmap(endPoint.Address) : IPAddress.None;
        if (address.AddressFamily is not AddressFamily.InterNetworkV6)
        {
            return address;
        }

        var bytes = address.GetAddressBytes();
        bytes.AsSpan(NetworkPrefix).Clear();
        return new IPAddress(bytes);
    }

    private sealed class Place(TunnelLimits limits, IPAddress key) : IDisposable
    {
        private int _isLeft;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isLeft, 1) == 0)
            {
                limits.Leave(key);
            }
        }
    }
}
