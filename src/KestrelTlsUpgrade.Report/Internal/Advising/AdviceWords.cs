using System.Globalization;
using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Report.Internal.Page;

namespace KestrelTlsUpgrade.Report.Internal.Advising;

/// <summary>The sentences of the advice.</summary>
internal static class AdviceWords
{
    /// <summary>The last step is not a setting, but a call in the application.</summary>
    public const string Everywhere = "app.RequireTlsUpgrade()";

    public const string EverywhereValue = "everywhere";

    /// <summary>What is counted for less says little of callers that come once a day or week.</summary>
    private static readonly TimeSpan EnoughTime = TimeSpan.FromDays(7);

    private const int NamedAtMost = 3;

    public static string Summarize(
        string setting, string value, IReadOnlyList<AdvisedCaller> met, Evidence evidence, SettingsPosition position)
    {
        var step = setting is Everywhere ? Everywhere : $"{setting}: {value}";
        var unexpected = met.Where(static caller => !caller.IsExpected).ToArray();
        var sentences = new List<string>();
        if (unexpected.Length == 0)
        {
            sentences.Add($"{DescribeNobody(met)} {DescribeMatter(setting, value)} {DescribeTime(evidence.Counted)}: {step} would meet no one.");
        }
        else
        {
            Add(sentences, unexpected, StepOutcome.Refused, "would be refused");
            AddFailing(sentences, unexpected, position, isOptional: setting is nameof(TlsUpgradeOptions.Offers));
            Add(sentences, unexpected, StepOutcome.Redirected, "would be redirected to https");
            Add(sentences, unexpected, StepOutcome.Upgraded, "would be upgraded");
            if (unexpected.Count(static caller => caller is { Outcome: StepOutcome.Upgraded, IsKnown: false }) is > 0 and var unknown)
            {
                sentences.Add($"Whether {(unknown == 1 ? "one" : Share.FormatCount(unknown))} of these {(unknown == 1 ? "accepts" : "accept")} the certificate is not known yet.");
            }

            if (!unexpected.Any(static caller => caller.Outcome is StepOutcome.Refused or StepOutcome.Failing))
            {
                sentences.Add($"{step} would refuse no one.");
            }

            sentences.Add(evidence.Counted < EnoughTime ? $"Counted {DescribeTime(evidence.Counted)}." : "Counted for 7 days.");
        }

        if (setting is not nameof(TlsUpgradeOptions.Offers))
        {
            AddShutOut(sentences, evidence);
        }

        if (!evidence.IsComplete)
        {
            sentences.Add("There were more callers than the report remembers, so some may be missing.");
        }

        return string.Join(' ', sentences);
    }

    /// <summary>For how long it has been counted, and that this is short if it is.</summary>
    public static string DescribeTime(TimeSpan counted) => counted switch
    {
        { TotalDays: >= 7 } => "for 7 days",
        { TotalDays: >= 1 } => $"for {Count((int)counted.TotalDays, "day")} only",
        { TotalHours: >= 1 } => $"for {Count((int)counted.TotalHours, "hour")} only",
        _ => $"for {Count(Math.Max(0, (int)counted.TotalMinutes), "minute")} only",
    };

    private static string DescribeNobody(IReadOnlyList<AdvisedCaller> expected)
    {
        var names = expected.Select(static caller => FormatName(Product.Find(caller.Product).ToString())).Distinct().ToArray();
        return names.Length == 0 ? "Nobody" : $"Nobody but {Enumerate(names)} (expected)";
    }

    private static string DescribeMatter(string setting, string value) => (setting, value) switch
    {
        (nameof(TlsUpgradeOptions.Requirement), _) => "came in clear text to what requires TLS",
        (nameof(TlsUpgradeOptions.Offers), nameof(TlsUpgradeOffers.WhereRequired)) => "offered an upgrade with OPTIONS *, or for what requires TLS,",
        (nameof(TlsUpgradeOptions.Offers), _) => "made an offer that All would accept",
        _ => "came in clear text",
    };

    private static void Add(List<string> sentences, AdvisedCaller[] met, StepOutcome outcome, string verb)
    {
        var callers = met.Where(caller => caller.Outcome == outcome).ToArray();
        if (callers.Length == 0)
        {
            return;
        }

        var resources = callers.SelectMany(static caller => caller.Resources).Distinct().Order(StringComparer.Ordinal).ToArray();
        sentences.Add(resources.Length == 0
            ? $"{Count(callers.Length, "caller")} {verb}: {EnumerateNames(callers)}."
            : $"{Count(callers.Length, "caller")} {verb} on {Enumerate(resources)}: {EnumerateNames(callers)}.");
    }

    private static void AddFailing(List<string> sentences, AdvisedCaller[] met, SettingsPosition position, bool isOptional)
    {
        var failing = met.Where(static caller => caller.Outcome is StepOutcome.Failing).ToArray();
        if (failing.Length == 0)
        {
            return;
        }

        var products = failing.Select(static caller => caller.Product).Distinct().Count();
        sentences.Add($"{Count(products, "product")} {(products == 1 ? "offers" : "offer")} an upgrade for which TLS fails: {EnumerateNames(failing)}.");
        if (isOptional)
        {
            sentences.Add(position.FallsBack
                ? "The first request of each fails, and the next ones are served in clear text (FallbackLifetime)."
                : "Each of their requests with an offer fails, because FallbackLifetime is zero.");
        }
    }

    /// <summary>A caller that is redirected to https may be among them.</summary>
    private static void AddShutOut(List<string> sentences, Evidence evidence)
    {
        var shutOut = evidence.Callers.Where(static caller => !caller.IsExpected && caller.Outlook.ShutOut > 0).ToArray();
        if (shutOut.Length > 0)
        {
            var names = shutOut.Select(static caller => FormatName(caller.Product)).Distinct().ToArray();
            sentences.Add($"Already shut out: {Count(shutOut.Length, "caller")} that began with TLS: {Enumerate(names)}.");
        }
    }

    private static string EnumerateNames(AdvisedCaller[] callers) =>
        Enumerate([.. callers.Select(static caller => FormatName(caller.Product)).Distinct()]);

    private static string Enumerate(string[] names) => names.Length <= NamedAtMost
        ? string.Join(", ", names)
        : $"{string.Join(", ", names.Take(NamedAtMost))} and {Count(names.Length - NamedAtMost, "other")}";

    private static string FormatName(string product) => product.Length == 0 ? "one without a name" : product;

    private static string Count(int count, string noun) =>
        string.Create(CultureInfo.InvariantCulture, $"{count:N0} {noun}{(count == 1 ? "" : "s")}");
}
