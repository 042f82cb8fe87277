using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace KestrelTlsUpgrade.Tunnel.Internal;

/// <summary>Metrics of tunnels.</summary>
internal sealed class TunnelMetrics
{
    public const string MeterName = "KestrelTlsUpgrade.Tunnel";

    private readonly UpDownCounter<long> _active;
    private readonly Counter<long> _bytes;
    private readonly Histogram<double> _duration;

    public TunnelMetrics(IMeterFactory? factory)
    {
        var meter = factory?.Create(new MeterOptions(MeterName)) ?? new Meter(MeterName);
        _active = meter.CreateUpDownCounter<long>("tls_upgrade.tunnel.active", "{tunnel}", "Number of established tunnels.");
        _bytes = meter.CreateCounter<long>("tls_upgrade.tunnel.bytes", "By", "Number of bytes relayed through tunnels, counted when they end.");
        _duration = meter.CreateHistogram<double>("tls_upgrade.tunnel.duration", "s", "Duration of tunnels, from the CONNECT to the end.");
    }

    public void TunnelStarted() => _active.Add(1);

    public void TunnelStopped(long sent, long received)
    {
        _active.Add(-1);
        if (_bytes.Enabled)
        {
            _bytes.Add(sent, new KeyValuePair<string, object?>("network.io.direction", "transmit"));
            _bytes.Add(received, new KeyValuePair<string, object?>("network.io.direction", "receive"));
        }
    }

    public void ConnectEnded(TunnelOutcome outcome, TimeSpan duration)
    {
        if (_duration.Enabled)
        {
            _duration.Record(duration.TotalSeconds, new TagList { { "tls_upgrade.outcome", NameOf(outcome) } });
        }
    }

    internal static string NameOf(TunnelOutcome outcome) => outcome switch
    {
        TunnelOutcome.Completed => "completed",
        TunnelOutcome.CallerAborted => "caller_aborted",
        TunnelOutcome.DestinationAborted => "destination_aborted",
        TunnelOutcome.IdleTimeout => "idle_timeout",
        TunnelOutcome.ServerStopped => "server_stopped",
        TunnelOutcome.Aborted => "aborted",
        TunnelOutcome.BadRequest => "bad_request",
        TunnelOutcome.RequestTimeout => "request_timeout",
        TunnelOutcome.Denied => "denied",
        TunnelOutcome.ChallengeSent => "challenge_sent",
        TunnelOutcome.DestinationForbidden => "destination_forbidden",
        TunnelOutcome.Busy => "busy",
        TunnelOutcome.NameNotResolved => "name_not_resolved",
        TunnelOutcome.NameTimeout => "name_timeout",
        TunnelOutcome.LookupsBusy => "lookups_busy",
        TunnelOutcome.ConnectionRefused => "connection_refused",
        TunnelOutcome.Unreachable => "unreachable",
        TunnelOutcome.ConnectTimeout => "connect_timeout",
        TunnelOutcome.NextProxyRefused => "next_proxy_refused",
        TunnelOutcome.NextProxyFailed => "next_proxy_failed",
        TunnelOutcome.CallerLeft => "caller_left",
        _ => throw new ArgumentOutOfRangeException(nameof(outcome)),
    };
}
