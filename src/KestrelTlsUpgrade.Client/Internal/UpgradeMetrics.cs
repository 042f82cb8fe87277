using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace KestrelTlsUpgrade.Client.Internal;

/// <summary>Metrics of upgrades. Requests and connections are measured by the inner handlers.</summary>
internal sealed class UpgradeMetrics : IDisposable
{
    public const string MeterName = "KestrelTlsUpgrade.Client";

    private readonly Meter? _ownMeter;
    private readonly Counter<long> _attempts;
    private readonly Histogram<double> _duration;

    /// <param name="factory">The handler's meter factory. Without one, the handler creates its own meter.</param>
    public UpgradeMetrics(IMeterFactory? factory)
    {
        var meter = factory?.Create(new MeterOptions(MeterName)) ?? (_ownMeter = new Meter(MeterName));
        _attempts = meter.CreateCounter<long>(
            "tls_upgrade.client.attempts", "{attempt}", "Number of connections whose upgrade to TLS was attempted.");
        _duration = meter.CreateHistogram<double>(
            "tls_upgrade.client.duration", "s", "Duration of upgrades, from the connected transport to the answer inside TLS.");
    }

    public void AttemptEnded(Origin origin, UpgradeOutcome outcome, bool isTunnelled, TimeSpan duration)
    {
        if (!_attempts.Enabled && !_duration.Enabled)
        {
            return;
        }

        var tags = new TagList
        {
            { "tls_upgrade.outcome", NameOf(outcome) },
            { "tls_upgrade.tunnelled", isTunnelled },
            { "server.address", origin.Host },
            { "server.port", origin.Port },
        };
        _attempts.Add(1, tags);
        _duration.Record(duration.TotalSeconds, tags);
    }

    public void Dispose() => _ownMeter?.Dispose();

    internal static string NameOf(UpgradeOutcome outcome) => outcome switch
    {
        UpgradeOutcome.Upgraded => "upgraded",
        UpgradeOutcome.Refused => "refused",
        UpgradeOutcome.Failed => "failed",
        UpgradeOutcome.TimedOut => "timed_out",
        UpgradeOutcome.Canceled => "canceled",
        _ => throw new ArgumentOutOfRangeException(nameof(outcome)),
    };
}
