using KestrelTlsUpgrade.Report.Internal.Content;
using Microsoft.AspNetCore.Http;

namespace KestrelTlsUpgrade.Report.Internal.Advising;

/// <summary>
/// Finds the steps that can be taken from the settings in force, and whom each would meet. Each step assumes those before it.
/// </summary>
internal static class Advisor
{
    private const string UpgradeRemedy = "Nothing, if it accepts the certificate. Whether it does shows once one of its offers is accepted.";
    private const string AcceptedRemedy = "Nothing: it has accepted the certificate before.";
    private const string RedirectRemedy = "Nothing: browsers follow the redirect to https.";
    private const string RefusedRemedy =
        "Owner: let it have the resource with Requirement = ReportOnly, or serve it on another endpoint. Client: offer the upgrade, or use https:// (with HTTP/2, unless DirectTls is Any).";

    /// <summary>The steps, the next one first; none if no endpoint upgrades connections.</summary>
    public static IReadOnlyList<Advice> Advise(SettingsPosition? position, Evidence evidence)
    {
        var steps = new List<Advice>();
        if (position is null)
        {
            return steps;
        }

        if (position.Offers is TlsUpgradeOffers.None)
        {
            steps.Add(Create(nameof(TlsUpgradeOptions.Offers), nameof(TlsUpgradeOffers.WhereRequired), evidence, position, MeetWhereRequired));
        }

        if (position.IsReportOnly || evidence.Callers.Any(static caller => caller.Outlook.WouldBe.Count > 0))
        {
            steps.Add(Create(
                nameof(TlsUpgradeOptions.Requirement),
                nameof(TlsUpgradeRequirement.Enforce),
                evidence,
                position,
                caller => MeetEnforce(caller, position)));
        }

        if (position.Offers is not TlsUpgradeOffers.All)
        {
            steps.Add(Create(nameof(TlsUpgradeOptions.Offers), nameof(TlsUpgradeOffers.All), evidence, position, MeetAll));
        }

        steps.Add(Create(AdviceWords.Everywhere, AdviceWords.EverywhereValue, evidence, position, caller => MeetEverywhere(caller, position)));
        return steps;
    }

    private static Advice Create(
        string setting, string value, Evidence evidence, SettingsPosition position, Func<CallerContent, IEnumerable<AdvisedCaller>> meet)
    {
        AdvisedCaller[] met =
        [
            .. evidence.Callers.SelectMany(meet)
                .OrderBy(static caller => caller.IsExpected)
                .ThenBy(static caller => caller.Outcome)
                .ThenByDescending(static caller => caller.Count)
                .ThenBy(static caller => caller.Product, StringComparer.Ordinal),
        ];
        var meetsNobody = !met.Any(static caller => !caller.IsExpected && caller.Outcome is StepOutcome.Refused or StepOutcome.Failing);
        return new(setting, value, meetsNobody, AdviceWords.Summarize(setting, value, met, evidence, position), met);
    }

    /// <summary>
    /// Offers in <c>OPTIONS *</c>, and those that are refused where TLS is required, because the endpoint accepts none now.
    /// </summary>
    private static IEnumerable<AdvisedCaller> MeetWhereRequired(CallerContent caller)
    {
        var outlook = caller.Outlook;
        return outlook.OfferingAsterisk + outlook.RefusedOffering > 0
            ? [Accept(caller, outlook.OfferingAsterisk + outlook.RefusedOffering, outlook.RefusedOfferingResources)]
            : [];
    }

    private static IEnumerable<AdvisedCaller> MeetEnforce(CallerContent caller, SettingsPosition position)
    {
        // Without the step before, every offer would be refused with 403.
        var acceptsNone = position.Offers is TlsUpgradeOffers.None;
        var rows = caller.Outlook.WouldBe;
        var accepted = rows.Where(row => row.Status is StatusCodes.Status101SwitchingProtocols || (acceptsNone && row.Offering > 0)).ToArray();
        if (accepted.Length > 0)
        {
            var count = accepted.Sum(static row => row.Status is StatusCodes.Status101SwitchingProtocols ? row.Count : row.Offering);
            yield return Accept(caller, count, FindResources(accepted));
        }

        var redirected = rows.Where(static row => row.Status is StatusCodes.Status307TemporaryRedirect).ToArray();
        if (redirected.Length > 0)
        {
            yield return Redirect(caller, redirected.Sum(static row => row.Count), FindResources(redirected));
        }

        var refused = rows
            .Where(static row => row.Status is StatusCodes.Status403Forbidden or StatusCodes.Status426UpgradeRequired)
            .Where(row => !acceptsNone || row.Count > row.Offering)
            .ToArray();
        if (refused.Length > 0)
        {
            var count = refused.Sum(row => acceptsNone ? row.Count - row.Offering : row.Count);
            yield return Create(caller, StepOutcome.Refused, count, FindResources(refused), RefusedRemedy);
        }
    }

    private static IEnumerable<AdvisedCaller> MeetAll(CallerContent caller) =>
        caller.Outlook.Offering > 0 ? [Accept(caller, caller.Outlook.Offering, [])] : [];

    private static IEnumerable<AdvisedCaller> MeetEverywhere(CallerContent caller, SettingsPosition position)
    {
        var outlook = caller.Outlook;
        if (outlook.Offering > 0)
        {
            yield return Accept(caller, outlook.Offering, []);
        }

        var other = outlook.Navigating + outlook.Plain + outlook.OfferingInVain;
        if (outlook.Navigating > 0 && position.Redirects)
        {
            // What else a browser asks for belongs to the page, which it then asks for over https.
            yield return Redirect(caller, other, []);
        }
        else if (other > 0)
        {
            yield return Create(caller, StepOutcome.Refused, other, [], RefusedRemedy);
        }
    }

    private static AdvisedCaller Accept(CallerContent caller, long count, IReadOnlyList<string> resources) =>
        caller.Outlook.Failing is { } failure
            ? Create(caller, StepOutcome.Failing, count, resources, $"Owner: {failure.Owner} Client: {failure.Client}")
            : Create(caller, StepOutcome.Upgraded, count, resources, caller.Outlook.HasSucceeded ? AcceptedRemedy : UpgradeRemedy) with
            {
                IsKnown = caller.Outlook.HasSucceeded,
            };

    private static AdvisedCaller Redirect(CallerContent caller, long count, IReadOnlyList<string> resources) =>
        Create(caller, StepOutcome.Redirected, count, resources, RedirectRemedy);

    private static AdvisedCaller Create(
        CallerContent caller, StepOutcome outcome, long count, IReadOnlyList<string> resources, string remedy) =>
        new(caller.Product, caller.Network, outcome, count, resources, remedy) { IsExpected = caller.IsExpected };

    private static string[] FindResources(IEnumerable<OutlookResource> rows) =>
        [.. rows.Select(static row => row.Resource).Distinct().Order(StringComparer.Ordinal)];
}
