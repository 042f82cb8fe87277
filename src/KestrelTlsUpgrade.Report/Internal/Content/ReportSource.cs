using System.Globalization;
using KestrelTlsUpgrade.Internal.Endpoints;
using KestrelTlsUpgrade.Internal.Settings;
using KestrelTlsUpgrade.Internal.Telemetry;
using KestrelTlsUpgrade.Report.Internal.Advising;
using KestrelTlsUpgrade.Report.Internal.Collecting;

namespace KestrelTlsUpgrade.Report.Internal.Content;

/// <summary>Makes the report from the collected counts and the active settings.</summary>
internal sealed class ReportSource(ReportCollector collector, TlsUpgradeEndpoints endpoints, TimeProvider timeProvider)
{
    private const int MinutesOfHour = 60;
    private const int MinutesOfStepOfDay = 30;

    private static readonly FailureCause[] Causes = [.. Enum.GetValues<FailureCause>().Where(static cause => cause is not FailureCause.None)];

    private SettingsSnapshot[] SettingsOfEndpoints => [.. endpoints.Upgradable.Select(static endpoint => endpoint.Settings).OfType<SettingsSnapshot>()];

    /// <param name="hasAddresses">Whether the report may have the addresses of callers.</param>
    public ReportContent Read(bool hasAddresses = false)
    {
        var now = timeProvider.GetUtcNow();
        NoteSettings(now);
        var callers = CallersReader.Read(collector, now, hasAddresses);
        return new(
            now,
            collector.Since,
            ReadPeriod(now, minutesOfStep: 1, MinutesOfHour),
            ReadPeriod(now, MinutesOfStepOfDay, 24 * 60 / MinutesOfStepOfDay),
            callers,
            [.. endpoints.Upgradable.Select(endpoint => Read(endpoint, now))])
        {
            SettingsSince = collector.Rules.Since,
            Advice = Advisor.Advise(
                SettingsPosition.Of(SettingsOfEndpoints), new(callers.All, now - collector.Rules.Since, callers.Displaced == 0)),
        };
    }

    /// <summary>Notes the settings in force, which may have changed.</summary>
    public void NoteSettings() => NoteSettings(timeProvider.GetUtcNow());

    private void NoteSettings(DateTimeOffset now)
    {
        if (SettingsOfEndpoints is { Length: > 0 } settings)
        {
            collector.Rules.Note(SettingsInForce.FormatRules(settings), now);
            collector.Certificates.Note(SettingsInForce.FormatCertificates(settings), now);
        }
    }

    private PeriodContent ReadPeriod(DateTimeOffset now, int minutesOfStep, int steps)
    {
        var read = collector.Traffic.Read(now, minutesOfStep, steps);
        var sum = new TrafficCounts();
        foreach (var step in read)
        {
            sum.Add(step.Counts);
        }

        var refusals = new OrderedDictionary<string, long>();
        foreach (var status in TrafficCounts.Refusals)
        {
            refusals[status.ToString(CultureInfo.InvariantCulture)] = sum.GetRefusals(status);
        }

        return new(
            minutesOfStep * 60,
            RequestsContent.Of(sum),
            ConnectionsContent.Of(sum),
            [.. Causes
                .Where(cause => sum[cause] > 0)
                .OrderByDescending(cause => sum[cause])
                .Select(cause => new FailureContent(FailureDescription.Of(cause).Tag, FailureDescription.Of(cause).Meaning, sum[cause]))],
            refusals,
            [.. read.Select(static step => new StepContent(step.From, RequestsContent.Of(step.Counts), ConnectionsContent.Of(step.Counts)))]);
    }

    private static EndpointContent Read(IUpgradeEndpoint endpoint, DateTimeOffset now) => new(
        endpoint.Address,
        endpoint.ReloadFailure,
        endpoint.Settings is { } settings ? SettingsInForce.Of(settings) : new Dictionary<string, string>(),
        [.. (endpoint.Settings?.Certificates ?? []).Select(loaded => CertificateContent.Of(loaded, now))]);
}
