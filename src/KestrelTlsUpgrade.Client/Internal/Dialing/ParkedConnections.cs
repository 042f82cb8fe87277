using KestrelTlsUpgrade.Client.Internal.Switching;

namespace KestrelTlsUpgrade.Client.Internal.Dialing;

/// <summary>
/// Connections on their way to the pool that is to use them: those whose upgrade was refused but that remain usable in clear text, and those
/// that were upgraded ahead of a request. Closed if they are not picked up within a moment, or if the server closes them or sends unsolicited data.
/// </summary>
internal sealed class ParkedConnections(TimeProvider timeProvider) : IDisposable
{
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(2);

    private readonly List<Parked> _all = [];
    private readonly Lock _lock = new();
    private bool _isDisposed;

    public void Park(Origin origin, Stream stream)
    {
        var parked = new Parked(origin, stream as QuietStream ?? new QuietStream(stream, origin.ToString()));
        lock (_lock)
        {
            if (!_isDisposed)
            {
                _all.Add(parked);
                parked.Timer = timeProvider.CreateTimer(_ => Remove(parked)?.Dispose(), null, Moment, Timeout.InfiniteTimeSpan);
                return;
            }
        }

        parked.Stream.Dispose();
    }

    public Stream? TryTake(Origin origin)
    {
        while (Find(origin) is { } parked)
        {
            if (Remove(parked) is not { } stream)
            {
                continue;
            }

            if (!stream.HasEndedQuiet)
            {
                return stream;
            }

            stream.Dispose();
        }

        return null;
    }

    public void Dispose()
    {
        Parked[] left;
        lock (_lock)
        {
            _isDisposed = true;
            left = [.. _all];
        }

        foreach (var parked in left)
        {
            Remove(parked)?.Dispose();
        }
    }

    private Parked? Find(Origin origin)
    {
        lock (_lock)
        {
            return _all.FindLast(parked => parked.Origin == origin);
        }
    }

    /// <summary>Removing an entry makes the caller its owner.</summary>
    private QuietStream? Remove(Parked parked)
    {
        lock (_lock)
        {
            if (!_all.Remove(parked))
            {
                return null;
            }
        }

        parked.Timer?.Dispose();
        return parked.Stream;
    }

    private sealed class Parked(Origin origin, QuietStream stream)
    {
        public Origin Origin => origin;

        public QuietStream Stream => stream;

        public ITimer? Timer { get; set; }
    }
}
