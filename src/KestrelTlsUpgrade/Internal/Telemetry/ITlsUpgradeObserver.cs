using Microsoft.AspNetCore.Http;

namespace KestrelTlsUpgrade.Internal.Telemetry;

/// <summary>
/// Is told what becomes of every connection and request of the upgrade endpoints, as far as it wants to know. Called by many at a time.
/// </summary>
internal interface ITlsUpgradeObserver
{
    /// <summary>Whether it wants to be told of requests now. Asked for every one, so it has to be cheap.</summary>
    bool WatchesRequests => false;

    /// <summary>How a connection ended up. Once for each.</summary>
    void ConnectionSettled(in ConnectionResult connection)
    {
    }

    /// <summary>A request has come. Only while <see cref="WatchesRequests"/>.</summary>
    void RequestReceived(HttpContext context, TlsUpgradeState state, bool isReplayed)
    {
    }

    /// <summary>A request was refused, or redirected, because of how it arrived.</summary>
    void RequestRefused(HttpContext context, int statusCode)
    {
    }
}
