using System.Collections.Concurrent;

namespace KestrelTlsUpgrade.Client.Internal.Dialing;

/// <summary>
/// Connections whose upgrade was refused and that can go on in clear text, on their way from the pool of upgraded connections to
/// the other one. What nobody takes within a moment is closed.
/// </summary>
internal sealed class ParkedConnections(TimeProvider timeProvider) : IDisposable
{
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<Origin, ConcurrentStack<Parked>> _lots = new();
    private volatile bool _isDisposed;

    public void Park(Origin origin, Stream stream)
    {
        _lots.GetOrAdd(origin, static _ => new()).Push(new Parked(stream, timeProvider));
        if (_isDisposed)
        {
            Dispose();
        }
    }

    public Stream? TryTake(Origin origin)
    {
        if (_lots.TryGetValue(origin, out var lot))
        {
            while (lot.TryPop(out var parked))
            {
                if (parked.TryTake() is { } stream)
                {
                    return stream;
                }
            }
        }

        return null;
    }

    public void Dispose()
    {
        _isDisposed = true;
        foreach (var origin in _lots.Keys)
        {
            while (TryTake(origin) is { } stream)
            {
                stream.Dispose();
            }
        }
    }

    private sealed class Parked
    {
        private readonly ITimer _timer;
        private Stream? _stream;

        public Parked(Stream stream, TimeProvider timeProvider)
        {
            _stream = stream;
            _timer = timeProvider.CreateTimer(
                static parked => ((Parked)parked!).TryTake()?.Dispose(), this, Moment, Timeout.InfiniteTimeSpan);
        }

        public Stream? TryTake()
        {
            var stream = Interlocked.Exchange(ref _stream, null);

            // The timer may fire before the constructor has got it.
            _timer?.Dispose();
            return stream;
        }
    }
}
