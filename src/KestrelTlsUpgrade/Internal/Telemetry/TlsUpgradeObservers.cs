using Microsoft.AspNetCore.Http;

namespace KestrelTlsUpgrade.Internal.Telemetry;

/// <summary>The one place that is told what becomes of connections and requests. It passes that on to whoever observes.</summary>
internal sealed class TlsUpgradeObservers(IEnumerable<ITlsUpgradeObserver> observers)
{
    private readonly ITlsUpgradeObserver[] _observers = [.. observers];

    public bool WatchesRequests
    {
        get
        {
            foreach (var observer in _observers)
            {
                if (observer.WatchesRequests)
                {
                    return true;
                }
            }

            return false;
        }
    }

    public void ConnectionSettled(in ConnectionResult connection)
    {
        ConnectionTags.Add(connection);
        foreach (var observer in _observers)
        {
            observer.ConnectionSettled(connection);
        }
    }

    public void RequestReceived(HttpContext context, TlsUpgradeState state, bool isReplayed)
    {
        foreach (var observer in _observers)
        {
            if (observer.WatchesRequests)
            {
                observer.RequestReceived(context, state, isReplayed);
            }
        }
    }

    public void RequestRefused(HttpContext context, int statusCode)
    {
        foreach (var observer in _observers)
        {
            observer.RequestRefused(context, statusCode);
        }
    }
}
