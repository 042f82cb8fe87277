using KestrelTlsUpgrade.Internal.Telemetry;
using KestrelTlsUpgrade.Report.Internal.Collecting;

namespace KestrelTlsUpgrade.Report.Internal.Keeping;

/// <summary>Takes the content of the file from what has been collected, and gives it back.</summary>
internal static class KeptReportMapper
{
    /// <summary>No text that the report keeps is longer. A file with longer ones was not written by it.</summary>
    private const int MaxText = 2048;

    public static KeptReport Take(ReportCollector collector, DateTimeOffset now) => new(
        KeptReport.ItsFormat,
        KeptReport.ItsVersion,
        collector.Since,
        new(collector.Rules.Since, collector.Rules.Settings),
        new(collector.Certificates.Since, collector.Certificates.Settings),
        collector.Callers.Displaced,
        collector.DirectCallers.Displaced,
        Take(collector.Callers, collector.Rules.Number),
        Take(collector.DirectCallers, collector.Rules.Number),
        [.. collector.Traffic.ReadMinutes(now).Select(static minute => new KeptMinute(minute.Number, minute.Counts.ReadNamed()))]);

    /// <exception cref="InvalidDataException">The content cannot be that of the report.</exception>
    public static void GiveBack(KeptReport kept, ReportCollector collector)
    {
        Check(kept);
        collector.Restore(kept.Since);
        collector.Rules.Start(kept.Rules.Settings, kept.Rules.Since);
        collector.Certificates.Start(kept.Certificates.Settings, kept.Certificates.Since);
        GiveBack(kept.Callers, kept.Displaced, collector.Callers);
        GiveBack(kept.DirectCallers, kept.DisplacedDirectTls, collector.DirectCallers);
        foreach (var minute in kept.Minutes)
        {
            collector.Traffic.Restore(minute.Number, minute.Counts);
        }
    }

    private static void Check(KeptReport kept)
    {
        if (kept.Format != KeptReport.ItsFormat || kept.Version != KeptReport.ItsVersion)
        {
            throw new InvalidDataException($"Its format is {Cut(kept.Format)}, version {kept.Version}.");
        }

        var callers = kept.Callers.Concat(kept.DirectCallers).ToArray();
        if (kept.Callers.Count > CallerTable.Capacity
            || kept.DirectCallers.Count > CallerTable.Capacity
            || kept.Minutes.Count > TrafficHistory.Minutes
            || kept.Minutes.Any(static minute => minute is not { Number: >= 0 })
            || callers.Any(static caller => !IsPossible(caller)))
        {
            throw new InvalidDataException("It has more than the report keeps.");
        }
    }

    private static bool IsPossible(KeptCaller? caller) =>
        caller is not null
        && ProductToken.Find(caller.Product).Length == caller.Product.Length
        && NetworkPrefix.TryParse(caller.Network, out _)
        && caller.Failures.All(static failure => failure is not null && IsShort(failure.Explanation) && IsShort(failure.Host) && IsShort(failure.Versions))
        && caller.Resources.Count <= CallerResources.Capacity + 1
        && caller.Resources.All(static resource => resource is not null && IsShort(resource.Name)
            && resource.Refused.Counts.Concat(resource.WouldBe.Counts).All(static pair => pair.Value is { Length: 2 }));

    private static bool IsShort(string? text) => text is null or { Length: <= MaxText };

    private static string Cut(string text) => text.Length > 40 ? text[..40] : text;

    private static KeptCaller[] Take(CallerTable table, int era) => [.. table.All.Select(caller => Take(caller, era))];

    private static KeptCaller Take(Caller caller, int era) => new(
        caller.Key.Product,
        caller.Key.Network.ToString(),
        caller.Key.IsExpected,
        caller.Missed,
        caller.LastSeen.ToUnixTimeSeconds(),
        Take(caller.PlaintextTally),
        TakeNamed(Enum.GetValues<CallerFigure>(), caller.GetTally),
        TakeNamed(Enum.GetValues<DeclineReason>(), caller.GetDeclined),
        Take(caller.DeclinedAsterisks),
        [.. caller.Failures.Read().Select(static failure => new KeptFailure(
            failure.Cause.ToString(), failure.Count, failure.Last, failure.Explanation, failure.Host, failure.Versions))],
        [.. caller.Resources.Read(era).Where(static resource => resource.Name.Length <= MaxText)
            .Select(static resource => new KeptResource(resource.Name, Take(resource.Refused), Take(resource.WouldBe)))]);

    private static Dictionary<string, KeptTally> TakeNamed<TName>(IEnumerable<TName> names, Func<TName, Tally> find)
        where TName : struct, Enum => names
            .Select(name => (Name: name.ToString(), Tally: Take(find(name))))
            .Where(static pair => pair.Tally.Count > 0)
            .ToDictionary(static pair => pair.Name, static pair => pair.Tally);

    private static KeptTally Take(Tally tally) => new(tally.Count, tally.Last.ToUnixTimeSeconds());

    private static KeptAnswers Take(ResourceAnswers answers) => new(
        answers.Last,
        CallerResources.Statuses.ToArray().Where(status => answers[status] > 0)
            .ToDictionary(static status => status, status => new[] { answers[status], answers.GetOffering(status) }));

    private static void GiveBack(IReadOnlyList<KeptCaller> callers, long displaced, CallerTable table)
    {
        foreach (var kept in callers)
        {
            if (NetworkPrefix.TryParse(kept.Network, out var network))
            {
                GiveBack(kept, table.Restore(new(kept.Product, network, kept.IsExpected), kept.Missed));
            }
        }

        table.RestoreDisplaced(displaced);
    }

    private static void GiveBack(KeptCaller kept, Caller caller)
    {
        foreach (var figure in Enum.GetValues<CallerFigure>())
        {
            caller.Restore(figure, GiveBack(kept.Figures.GetValueOrDefault(figure.ToString())));
        }

        foreach (var reason in Enum.GetValues<DeclineReason>())
        {
            caller.Restore(reason, GiveBack(kept.Declined.GetValueOrDefault(reason.ToString())));
        }

        caller.Restore(GiveBack(kept.Plaintext), GiveBack(kept.DeclinedAsterisks), kept.LastSeen);
        foreach (var failure in kept.Failures)
        {
            // A cause may have got another name since.
            if (Enum.TryParse<FailureCause>(failure.Cause, out var cause) && Enum.IsDefined(cause))
            {
                caller.Failures.Add(new(cause, failure.Count, failure.Last, failure.Explanation, failure.Host, failure.Versions));
            }
        }

        foreach (var resource in kept.Resources)
        {
            caller.Resources.Restore(new(resource.Name, GiveBack(resource.Refused), GiveBack(resource.WouldBe)));
        }
    }

    private static Tally GiveBack(KeptTally? kept) =>
        kept is null ? default : new(Math.Max(0, kept.Count), Math.Clamp(kept.Last, 0, DateTimeOffset.MaxValue.ToUnixTimeSeconds()));

    private static ResourceAnswers GiveBack(KeptAnswers kept)
    {
        var answers = new ResourceAnswers();
        foreach (var (status, counts) in kept.Counts)
        {
            answers.Add(status, counts[0], counts[1], kept.Last);
        }

        return answers;
    }
}
