using Microsoft.AspNetCore.Connections;
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
    /// <param name="context">The request.</param>
    /// <param name="statusCode">How an enforced requirement would answer: 101 to an offer that would be accepted, 426, 307 or 403.</param>
    void RequestTolerated(HttpContext context, int statusCode)
    {
    }

    /// <summary>The offer of a plaintext request was declined. Called once for each, before or while the response starts.</summary>
    void OfferDeclined(HttpContext context, DeclineReason reason)
    {
    }

    /// <summary>
    /// A client that began with TLS without HTTP/2 is refused, and its request has arrived, or will not. Called after
    /// <see cref="ConnectionSettled"/>.
    /// </summary>
    /// <param name="connection">The connection.</param>
    /// <param name="userAgent">The User-Agent field of the request; empty if there is no request or no field.</param>
    void DirectHttp1Refused(ConnectionContext connection, string userAgent)
    {
    }

    /// <summary>TLS has failed for a caller, and its optional offers are declined from now on.</summary>
    void CallerFellBack(in FallenCaller caller)
    {
    }
}
