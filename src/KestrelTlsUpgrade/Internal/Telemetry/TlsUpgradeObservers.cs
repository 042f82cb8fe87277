using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;

namespace KestrelTlsUpgrade.Internal.Telemetry;

/// <summary>Dispatches the results of connections and requests to all observers.</summary>
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

    public void RequestTolerated(HttpContext context, int statusCode)
    {
        foreach (var observer in _observers)
        {
            observer.RequestTolerated(context, statusCode);
        }
    }

    public void OfferDeclined(HttpContext context, DeclineReason reason)
    {
        foreach (var observer in _observers)
        {
            observer.OfferDeclined(context, reason);
        }
    }

    public void DirectHttp1Refused(ConnectionContext connection, string userAgent)
    {
        foreach (var observer in _observers)
        {
            observer.DirectHttp1Refused(connection, userAgent);
        }
    }

    public void CallerFellBack(in FallenCaller caller)
    {
        foreach (var observer in _observers)
        {
            observer.CallerFellBack(caller);
        }
    }
}
