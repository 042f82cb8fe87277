using System.Net;

namespace KestrelTlsUpgrade.Report.Internal.Collecting;

/// <summary>The addresses of a caller that were seen last. Bounded and thread-safe.</summary>
internal sealed class CallerAddresses
{
    public const int Capacity = 16;

    private readonly Lock _lock = new();
    private readonly List<(IPAddress Address, DateTimeOffset Last)> _seen = [];

    /// <summary>The addresses, the one that was seen last first.</summary>
    public IPAddress[] Read()
    {
        lock (_lock)
        {
            return [.. _seen.OrderByDescending(static seen => seen.Last).Select(static seen => seen.Address)];
        }
    }

    public void Add(IPAddress address, DateTimeOffset now)
    {
        lock (_lock)
        {
            var oldest = 0;
            for (var i = 0; i < _seen.Count; i++)
            {
                if (_seen[i].Address.Equals(address))
                {
                    _seen[i] = (_seen[i].Address, now);
                    return;
                }

                oldest = _seen[i].Last < _seen[oldest].Last ? i : oldest;
            }

            if (_seen.Count < Capacity)
            {
                _seen.Add((address, now));
            }
            else
            {
                _seen[oldest] = (address, now);
            }
        }
    }
}
