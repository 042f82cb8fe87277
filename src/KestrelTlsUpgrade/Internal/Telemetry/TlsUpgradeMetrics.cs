using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Http;

namespace KestrelTlsUpgrade.Internal.Telemetry;

/// <summary>The server's metrics. Observability.md lists names, units and tags.</summary>
internal sealed class TlsUpgradeMetrics : ITlsUpgradeObserver
{
    public const string MeterName = "KestrelTlsUpgrade";

    private readonly Counter<long> _connections;
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _requests;
    private readonly Counter<long> _refusals;
    private readonly Counter<long> _tolerated;

    public TlsUpgradeMetrics(IMeterFactory factory)
    {
        var meter = factory.Create(new MeterOptions(MeterName));
        _connections = meter.CreateCounter<long>(
            "tls_upgrade.server.connections", "{connection}", "Number of connections to upgrade endpoints, by outcome.");
        _duration = meter.CreateHistogram<double>(
            "tls_upgrade.server.upgrade.duration",
            "s",
            "Duration of upgrades, from the offer to the end of the TLS handshake.",
            advice: new InstrumentAdvice<double>
            {
                HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
            });
        _requests = meter.CreateCounter<long>(
            "tls_upgrade.server.requests", "{request}", "Number of requests to upgrade endpoints, by how they arrived.");
        _refusals = meter.CreateCounter<long>(
            "tls_upgrade.server.refusals", "{response}", "Number of requests refused or redirected because of how they arrived.");
        _tolerated = meter.CreateCounter<long>(
            "tls_upgrade.server.tolerated",
            "{request}",
            "Number of plaintext requests for resources that require TLS, served because the requirement is only reported.");
    }

    public bool WatchesRequests => _requests.Enabled;

    public void ConnectionSettled(in ConnectionResult connection)
    {
        if (!_connections.Enabled && !_duration.Enabled)
        {
            return;
        }

        var tags = new TagList { { TagNames.Outcome, TagNames.Of(connection.Outcome) } };
        if (connection.Start is not TlsStart.None)
        {
            tags.Add(TagNames.Start, TagNames.Of(connection.Start));
        }

        if (TagNames.Of(connection.Version) is { } version)
        {
            tags.Add(TagNames.TlsVersion, version);
        }

        if (connection.Cause is not FailureCause.None)
        {
            tags.Add(TagNames.ErrorType, FailureDescription.Of(connection.Cause).Tag);
        }

        _connections.Add(1, tags);
        if (connection.Start is TlsStart.FirstRequest or TlsStart.LaterRequest)
        {
            _duration.Record(connection.Duration.TotalSeconds, tags);
        }
    }

    public void RequestReceived(HttpContext context, TlsUpgradeState state, bool isReplayed)
    {
        var tags = new TagList { { TagNames.State, TagNames.Of(state) } };
        if (isReplayed)
        {
            tags.Add(TagNames.Replayed, true);
        }

        _requests.Add(1, tags);
    }

    public void RequestRefused(HttpContext context, int statusCode)
    {
        if (_refusals.Enabled)
        {
            _refusals.Add(1, new KeyValuePair<string, object?>(TagNames.StatusCode, statusCode));
        }
    }

    public void RequestTolerated(HttpContext context, int statusCode)
    {
        if (_tolerated.Enabled)
        {
            _tolerated.Add(1, new KeyValuePair<string, object?>(TagNames.Route, RequestedResource.FindRoute(context)));
        }
    }
}
