using Microsoft.AspNetCore.Http;

namespace KestrelTlsUpgrade.Internal.Telemetry;

/// <summary>Observes the connections and requests of upgrade endpoints. Members are called concurrently.</summary>
internal interface ITlsUpgradeObserver
{
    /// <summary>Whether the observer wants requests now. Checked for every request, so it must be cheap.</summary>
    bool WatchesRequests => false;

    /// <summary>The result of a connection. Called once for each.</summary>
    void ConnectionSettled(in ConnectionResult connection)
    {
    }

    /// <summary>A request has arrived. Called only while <see cref="WatchesRequests"/> is true.</summary>
    void RequestReceived(HttpContext context, TlsUpgradeState state, bool isReplayed)
    {
    }

    /// <summary>A request was refused, or redirected, because of how it arrived.</summary>
    void RequestRefused(HttpContext context, int statusCode)
    {
    }

    /// <summary>A plaintext request for a resource that requires TLS is served, because the requirement is only reported.</summary>
    void RequestTolerated(HttpContext context)
    {
    }
}
