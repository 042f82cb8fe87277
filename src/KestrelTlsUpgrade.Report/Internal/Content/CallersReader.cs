using System.Globalization;
using KestrelTlsUpgrade.Internal.Telemetry;
using KestrelTlsUpgrade.Report.Internal.Collecting;
using Microsoft.AspNetCore.Http;

namespace KestrelTlsUpgrade.Report.Internal.Content;

/// <summary>Reads the callers from what has been collected.</summary>
internal static class CallersReader
{
    /// <summary>A caller that has not done something for so long is assumed to do it no more.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromDays(7);

    /// <summary>The reasons that vanish when more offers are accepted.</summary>
    private static readonly DeclineReason[] ByTheStep =
        [DeclineReason.NoneAccepted, DeclineReason.NotRequired, DeclineReason.FellBack, DeclineReason.FirstUnderWay, DeclineReason.NotKnown];

    /// <summary>The reasons that stay.</summary>
    private static readonly DeclineReason[] InVain =
    [
        DeclineReason.CallerExcluded, DeclineReason.ByCode, DeclineReason.Unmarked, DeclineReason.NoVersion, DeclineReason.BehindProxy,
        DeclineReason.NotUpgradable,
    ];

    public static CallersContent Read(ReportCollector collector, DateTimeOffset now, bool hasAddresses = false)
    {
        var direct = collector.DirectCallers.All.ToDictionary(static caller => caller.Key);
        var callers = new List<CallerContent>();
        foreach (var caller in collector.Callers.All)
        {
            direct.Remove(caller.Key, out var alsoDirect);
            callers.Add(Read(caller, alsoDirect, collector, now, hasAddresses));
        }

        callers.AddRange(direct.Values.Select(caller => Read(caller, caller, collector, now, hasAddresses)));
        return new(
            CallerTable.Capacity,
            collector.Callers.Displaced,
            [.. callers
                .Where(static caller => caller.Plaintext + caller.FailedUpgrades + caller.Upgraded + caller.Redirected + caller.DirectTls + caller.DirectTlsShutOut > 0)
                .OrderByDescending(static caller => caller.Plaintext)
                .ThenByDescending(static caller => caller.LastSeen)
                .ThenBy(static caller => caller.Product, StringComparer.Ordinal)])
        {
            DisplacedDirectTls = collector.DirectCallers.Displaced,
        };
    }

    private static CallerContent Read(Caller caller, Caller? direct, ReportCollector collector, DateTimeOffset now, bool hasAddresses)
    {
        var resources = caller.Resources.Read(collector.Rules.Number);
        return new(
            caller.Key.Product,
            caller.Key.Network.ToString(),
            caller.Plaintext,
            caller.Upgraded,
            caller.Failed,
            caller.Missed,
            caller.OffersUpgrade,
            caller.LastSeen,
            caller.Plaintext > 0 ? caller.LastPlaintext : null)
        {
            IsExpected = caller.Key.IsExpected,
            Redirected = caller[CallerFigure.Redirected],
            AfterUpgrade = caller[CallerFigure.AfterUpgrade],
            DirectTls = direct?[CallerFigure.DirectTls] ?? 0,
            DirectTlsShutOut = direct?[CallerFigure.DirectShutOut] ?? 0,
            LastShutOut = direct?[CallerFigure.DirectShutOut] > 0 ? direct.GetLast(CallerFigure.DirectShutOut) : null,
            Declined = ReadDeclined(caller),
            Failures =
            [
                .. (caller == direct ? [] : caller.Failures.Read()).Select(static failure => Read(failure)),
                .. (direct?.Failures.Read() ?? []).Select(static failure => Read(failure, isDirect: true)),
            ],
            FallenBackUntil = FindFallback(caller, collector, now),
            Resources = [.. resources.Select(Read)],
            Addresses = hasAddresses ? ReadAddresses(caller, direct) : null,
            Outlook = ReadOutlook(caller, direct, resources, collector, now),
        };
    }

    /// <summary>A change of the settings or of the certificate ends it early.</summary>
    private static DateTimeOffset? FindFallback(Caller caller, ReportCollector collector, DateTimeOffset now) =>
        caller.FallenUntil > now && caller.FallenAt >= Latest(collector.Rules.Since, collector.Certificates.Since) ? caller.FallenUntil : null;

    private static string[] ReadAddresses(Caller caller, Caller? direct) =>
    [
        .. (caller.Addresses?.Read() ?? []).Concat(direct?.Addresses?.Read() ?? [])
            .Select(static address => (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString())
            .Distinct(),
    ];

    private static OrderedDictionary<string, long> ReadDeclined(Caller caller)
    {
        var declined = new OrderedDictionary<string, long>();
        foreach (var description in DeclineDescription.All)
        {
            if (caller.GetDeclined(description.Reason).Count is > 0 and var count)
            {
                declined[description.Tag] = count;
            }
        }

        return declined;
    }

    private static CallerFailureContent Read(CallerFailure failure, bool isDirect = false)
    {
        var description = FailureDescription.Of(failure.Cause);
        return new(
            description.Tag,
            failure.Count,
            failure.Last,
            failure.Explanation ?? description.Meaning,
            isDirect ? description.DirectOwner ?? description.Owner : description.Owner,
            description.Client,
            failure.Host,
            failure.Versions);
    }

    private static CallerResourceContent Read(CallerResource resource) => new(resource.Name, Read(resource.Refused), Read(resource.WouldBe));

    private static OrderedDictionary<string, long> Read(ResourceAnswers answers)
    {
        var read = new OrderedDictionary<string, long>();
        foreach (var status in CallerResources.Statuses)
        {
            if (answers[status] > 0)
            {
                read[status.ToString(CultureInfo.InvariantCulture)] = answers[status];
            }
        }

        return read;
    }

    private static CallerOutlook ReadOutlook(
        Caller caller, Caller? direct, CallerResource[] resources, ReportCollector collector, DateTimeOffset now)
    {
        var since = Latest(now - Window, collector.Rules.Since);
        var refused = resources.Where(resource => resource.Refused.GetOffering(StatusCodes.Status403Forbidden) > 0 && resource.Refused.Last >= since).ToArray();
        return new()
        {
            Offering = Sum(caller, ByTheStep, since),
            OfferingInVain = Sum(caller, InVain, since),
            OfferingAsterisk = IsSince(caller.DeclinedAsterisks, since) ? caller.DeclinedAsterisks.Count : 0,
            RefusedOffering = refused.Sum(static resource => resource.Refused.GetOffering(StatusCodes.Status403Forbidden)),
            RefusedOfferingResources = [.. refused.Select(static resource => resource.Name)],
            Navigating = Since(caller, CallerFigure.Navigating, since),
            Plain = Math.Max(0, Since(caller, CallerFigure.Plain, since) - Since(caller, CallerFigure.PlainRefused, since)),
            WouldBe = [.. resources.Where(resource => resource.WouldBe.Last >= since).SelectMany(ReadWouldBe)],
            ShutOut = direct is null ? 0 : Since(direct, CallerFigure.DirectShutOut, since),
            HasSucceeded = caller[CallerFigure.AfterUpgrade] > 0
                && caller.GetLast(CallerFigure.AfterUpgrade) >= collector.Certificates.Since.AddSeconds(-1),
            Failing = caller != direct && FindFailing(caller, Latest(now - Window, collector.Certificates.Since)) is { } failure ? Read(failure) : null,
        };
    }

    private static IEnumerable<OutlookResource> ReadWouldBe(CallerResource resource)
    {
        foreach (var status in CallerResources.Statuses.ToArray())
        {
            if (resource.WouldBe[status] > 0)
            {
                yield return new(resource.Name, status, resource.WouldBe[status], resource.WouldBe.GetOffering(status));
            }
        }
    }

    /// <summary>
    /// What a client has rejected it will reject again. What one bad moment can cause counts until the next success.
    /// </summary>
    private static CallerFailure? FindFailing(Caller caller, DateTimeOffset since) => caller.Failures.Read().FirstOrDefault(failure =>
        failure.Last >= since
        && failure.Cause is not FailureCause.Aborted
        && (FailureDescription.Of(failure.Cause).Kind is not FailureKind.Gone && failure.Cause is not FailureCause.GoneAfterCertificate
            || failure.Last >= caller.GetLast(CallerFigure.AfterUpgrade)));

    private static long Since(Caller caller, CallerFigure figure, DateTimeOffset since) =>
        caller[figure] > 0 && caller.GetLast(figure) >= since ? caller[figure] : 0;

    private static long Sum(Caller caller, IEnumerable<DeclineReason> reasons, DateTimeOffset since) =>
        reasons.Select(caller.GetDeclined).Where(declined => IsSince(declined, since)).Sum(static declined => declined.Count);

    private static bool IsSince(Tally tally, DateTimeOffset since) => tally.Count > 0 && tally.Last >= since;

    private static DateTimeOffset Latest(DateTimeOffset one, DateTimeOffset other)
    {
        // What is collected is known to the second.
        var latest = one > other ? one : other;
        return latest.AddTicks(-(latest.Ticks % TimeSpan.TicksPerSecond));
    }
}
