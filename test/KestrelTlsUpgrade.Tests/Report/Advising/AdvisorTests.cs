using System.Text.Json;
using KestrelTlsUpgrade.Report.Internal.Advising;
using KestrelTlsUpgrade.Report.Internal.Content;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.Tests.Report.Advising;

public sealed class AdvisorTests
{
    private static readonly SettingsPosition LookingOn = new(TlsUpgradeOffers.None, IsReportOnly: true, Redirects: true, FallsBack: true);
    private static readonly SettingsPosition WhereRequired = LookingOn with { Offers = TlsUpgradeOffers.WhereRequired };
    private static readonly SettingsPosition Enforced = WhereRequired with { IsReportOnly = false };

    private static readonly CallerFailureContent Distrust =
        new("client_rejected_certificate", 1, SampleReport.Now, "The client does not accept it.", "Renew it.", "Trust the CA.", null, null);

    [Theory]
    [InlineData(TlsUpgradeOffers.None, true, "Offers=WhereRequired Requirement=Enforce Offers=All app.RequireTlsUpgrade()=everywhere")]
    [InlineData(TlsUpgradeOffers.WhereRequired, true, "Requirement=Enforce Offers=All app.RequireTlsUpgrade()=everywhere")]
    [InlineData(TlsUpgradeOffers.WhereRequired, false, "Offers=All app.RequireTlsUpgrade()=everywhere")]
    [InlineData(TlsUpgradeOffers.None, false, "Offers=WhereRequired Offers=All app.RequireTlsUpgrade()=everywhere")]
    [InlineData(TlsUpgradeOffers.All, true, "Requirement=Enforce app.RequireTlsUpgrade()=everywhere")]
    [InlineData(TlsUpgradeOffers.All, false, "app.RequireTlsUpgrade()=everywhere")]
    public void Steps_AreThoseAheadOfTheSettings(TlsUpgradeOffers offers, bool isReportOnly, string expected) => Assert.Equal(
        expected, string.Join(' ', Advisor.Advise(new(offers, isReportOnly), Seen()).Select(static step => $"{step.Setting}={step.Value}")));

    [Fact]
    public void Steps_WithoutAnEndpoint_AreNone() => Assert.Empty(Advisor.Advise(null, Seen()));

    /// <summary>Its own metadata may say that a resource is only looked at, whatever the settings are.</summary>
    [Fact]
    public void Steps_ResourceThatIsOnlyLookedAt_CanBeEnforced() => Assert.Equal(
        "Requirement", Advisor.Advise(Enforced with { Offers = TlsUpgradeOffers.All }, Seen(Would("till/2", ("/jobs", 426, 1, 0))))[0].Setting);

    [Fact]
    public void Enforce_MeetsNobody()
    {
        var step = Advise(WhereRequired, "Enforce");
        Assert.True(step.MeetsNobody);
        Assert.Equal("Nobody came in clear text to what requires TLS for 7 days: Requirement: Enforce would meet no one.", step.Summary);
    }

    [Fact]
    public void Enforce_MeetsExpectedOnly()
    {
        var step = Advise(WhereRequired, "Enforce", Would("Prometheus/2.53", ("/metrics", 426, 7, 0)) with { IsExpected = true });
        Assert.True(step.MeetsNobody);
        Assert.Equal(
            "Nobody but Prometheus (expected) came in clear text to what requires TLS for 7 days: Requirement: Enforce would meet no one.", step.Summary);
        Assert.True(Assert.Single(step.Callers).IsExpected);
    }

    /// <summary>Whoever is sent to https may be next.</summary>
    [Fact]
    public void StepsToTls_NameWhoIsShutOutAlready()
    {
        var cups = SampleReport.CreateCaller("CUPS/2.4.2", plaintext: 0) with { Outlook = new() { ShutOut = 3 } };
        var unnamed = SampleReport.CreateCaller("", plaintext: 0) with { Outlook = new() { ShutOut = 1 } };
        var expected = SampleReport.CreateCaller("probe/1", plaintext: 0) with { Outlook = new() { ShutOut = 1 }, IsExpected = true };
        const string Words = "Already shut out: 2 callers that began with TLS: CUPS/2.4.2, one without a name.";
        Assert.EndsWith(Words, Advise(WhereRequired, "Enforce", cups, unnamed, expected).Summary, StringComparison.Ordinal);
        Assert.EndsWith(Words, Advise(WhereRequired, "everywhere", cups, unnamed, expected).Summary, StringComparison.Ordinal);
        Assert.DoesNotContain("shut out", Advise(WhereRequired, "All", cups, unnamed, expected).Summary, StringComparison.Ordinal);
        Assert.True(Advise(WhereRequired, "Enforce", cups).MeetsNobody);
    }

    [Fact]
    public void Enforce_TellsWhomItWouldRefuseRedirectUpgradeAndFail()
    {
        var step = Advise(
            WhereRequired,
            "Enforce",
            Would("till/2", ("/jobs", 426, 12, 0), ("/printers/{name}", 403, 1, 0)),
            Would("curl/8", ("/jobs", 426, 30, 0)),
            Would("Firefox/128", ("/jobs", 307, 4, 0)),
            Would("CUPS/2.4.2", ("/printers/{name}", 101, 5, 5)),
            Would("Apache-HttpClient/5.4.1", ("/jobs", 101, 9, 9), Distrust),
            Would("Prometheus/2", ("/metrics", 426, 99, 0)) with { IsExpected = true });
        Assert.False(step.MeetsNobody);
        Assert.Equal(
            "2 callers would be refused on /jobs, /printers/{name}: curl/8, till/2. 1 product offers an upgrade for which TLS fails: Apache-HttpClient/5.4.1. "
            + "1 caller would be redirected to https on /jobs: Firefox/128. 1 caller would be upgraded on /printers/{name}: CUPS/2.4.2. "
            + "Whether one of these accepts the certificate is not known yet. Counted for 7 days.",
            step.Summary);
        Assert.Equal(
            [
                "curl/8 Refused 30 /jobs", "till/2 Refused 13 /jobs,/printers/{name}", "Apache-HttpClient/5.4.1 Failing 9 /jobs", "Firefox/128 Redirected 4 /jobs",
                "CUPS/2.4.2 Upgraded 5 /printers/{name}", "Prometheus/2 Refused 99 /metrics",
            ],
            step.Callers.Select(Describe));
        Assert.Equal("Owner: Renew it. Client: Trust the CA.", step.Callers[2].Remedy);
        Assert.All(step.Callers, static caller => Assert.NotEmpty(caller.Remedy));
    }

    [Fact]
    public void Enforce_RedirectsAndUpgradesOnly_RefusesNoOne()
    {
        var step = Advise(WhereRequired, "Enforce", Would("Firefox/128", ("/jobs", 307, 4, 0)), Would("CUPS/2.4.2", ("/jobs", 101, 5, 5)));
        Assert.True(step.MeetsNobody);
        Assert.Contains("Requirement: Enforce would refuse no one.", step.Summary, StringComparison.Ordinal);
    }

    /// <summary>An endpoint that accepts no offer would answer 403. The step before changes that.</summary>
    [Fact]
    public void Enforce_FromLookingOn_AssumesTheStepBefore()
    {
        var step = Advise(LookingOn, "Enforce", Would("Apache-HttpClient/5.4.1", ("/jobs", 403, 9, 7)), Would("till/2", ("/jobs", 403, 2, 0)));
        Assert.Equal(
            ["Apache-HttpClient/5.4.1 Refused 2 /jobs", "till/2 Refused 2 /jobs", "Apache-HttpClient/5.4.1 Upgraded 7 /jobs"], step.Callers.Select(Describe));
    }

    [Fact]
    public void WhereRequired_IsForOffersOfNothingElse_AndForWhatIsRefused()
    {
        var nobody = Advise(LookingOn, "WhereRequired", Outlook("Apache-HttpClient/5.4.1", new() { Offering = 5 }));
        Assert.True(nobody.MeetsNobody);
        Assert.Equal(
            "Nobody offered an upgrade with OPTIONS *, or for what requires TLS, for 7 days: Offers: WhereRequired would meet no one.", nobody.Summary);

        var step = Advise(
            LookingOn with { IsReportOnly = false },
            "WhereRequired",
            Outlook("CUPS/2.4.2", new() { Offering = 5, OfferingAsterisk = 3 }),
            Outlook("Apache-HttpClient/5.4.1", new() { Offering = 9, RefusedOffering = 2, RefusedOfferingResources = ["/jobs"], Failing = Distrust }));
        Assert.False(step.MeetsNobody);
        Assert.Equal(["Apache-HttpClient/5.4.1 Failing 2 /jobs", "CUPS/2.4.2 Upgraded 3 "], step.Callers.Select(Describe));
    }

    [Theory]
    [InlineData(true, "The first request of each fails, and the next ones are served in clear text (FallbackLifetime).")]
    [InlineData(false, "Each of their requests with an offer fails, because FallbackLifetime is zero.")]
    public void All_TellsWhoOffers_AndWhoseTlsFails(bool fallsBack, string expected)
    {
        var step = Advise(
            Enforced with { FallsBack = fallsBack },
            "All",
            Outlook("Apache-HttpClient/5.4.1", new() { Offering = 300, Failing = Distrust }),
            Outlook("Apache-HttpClient/5.4.1", new() { Offering = 200, Failing = Distrust }, network: "198.51.100.0/24"),
            Outlook("Lobster/1.0", new() { Offering = 7, Failing = Distrust }),
            Outlook("CUPS/2.4.2", new() { Offering = 5 }),
            Outlook("till/2", new() { Plain = 40 }));
        Assert.False(step.MeetsNobody);
        Assert.Equal(
            $"2 products offer an upgrade for which TLS fails: Apache-HttpClient/5.4.1, Lobster/1.0. {expected} "
            + "1 caller would be upgraded: CUPS/2.4.2. Whether one of these accepts the certificate is not known yet. Counted for 7 days.",
            step.Summary);
        Assert.Equal(4, step.Callers.Count);
    }

    /// <summary>As our own remedy has it: a product on the list of exceptions offers in vain, and is locked out by the last step.</summary>
    [Fact]
    public void Everywhere_CallerThatOffersInVain_IsRefused()
    {
        var advice = Advisor.Advise(Enforced, new([Outlook("Orders/5.4.1", new() { OfferingInVain = 7 })], TimeSpan.FromDays(8)))[^1];
        var caller = Assert.Single(advice.Callers);
        Assert.Equal((false, StepOutcome.Refused, 7), (advice.MeetsNobody, caller.Outcome, caller.Count));
    }

    [Fact]
    public void All_CallerThatHasAcceptedTheCertificate_IsKnown()
    {
        var step = Advise(
            Enforced,
            "All",
            Outlook("CUPS/2.4.2", new() { Offering = 5, HasSucceeded = true }),
            Outlook("ipptool/2", new() { Offering = 4 }),
            Outlook("lp/2", new() { Offering = 3 }));
        Assert.Contains("Whether 2 of these accept the certificate is not known yet.", step.Summary, StringComparison.Ordinal);
        Assert.Equal("Nothing: it has accepted the certificate before.", step.Callers[0].Remedy);
        Assert.DoesNotContain(
            "not known yet",
            Advise(Enforced, "All", Outlook("CUPS/2.4.2", new() { Offering = 5, HasSucceeded = true })).Summary,
            StringComparison.Ordinal);
    }

    [Fact]
    public void All_MeetsNobody() => Assert.Equal(
        "Nobody made an offer that All would accept for 7 days: Offers: All would meet no one.", Advise(Enforced, "All", Outlook("till/2", new() { Plain = 40 })).Summary);

    [Fact]
    public void Everywhere_TellsWhoStillNeedsClearText()
    {
        var step = Advise(
            Enforced,
            AdviceWords.EverywhereValue,
            Outlook("till/2", new() { Plain = 40 }),
            Outlook("Firefox/128", new() { Navigating = 3, Plain = 9 }),
            Outlook("CUPS/2.4.2", new() { Offering = 5, Plain = 6 }),
            Outlook("gone/1", new()));
        Assert.Equal(["till/2 Refused 40 ", "CUPS/2.4.2 Refused 6 ", "Firefox/128 Redirected 12 ", "CUPS/2.4.2 Upgraded 5 "], step.Callers.Select(Describe));
        Assert.StartsWith("2 callers would be refused: till/2, CUPS/2.4.2. 1 caller would be redirected to https: Firefox/128.", step.Summary, StringComparison.Ordinal);
        Assert.Equal(
            "Nobody came in clear text for 7 days: app.RequireTlsUpgrade() would meet no one.", Advise(Enforced, AdviceWords.EverywhereValue).Summary);
    }

    /// <summary>Without https on the port there is nowhere to redirect to.</summary>
    [Fact]
    public void Everywhere_WithoutRedirects_RefusesBrowsers() => Assert.Equal(
        ["Firefox/128 Refused 12 "],
        Advise(Enforced with { Redirects = false }, AdviceWords.EverywhereValue, Outlook("Firefox/128", new() { Navigating = 3, Plain = 9 })).Callers.Select(Describe));

    [Theory]
    [InlineData(0, "for 0 minutes only")]
    [InlineData(1, "for 1 minute only")]
    [InlineData(59, "for 59 minutes only")]
    [InlineData(120, "for 2 hours only")]
    [InlineData(1440, "for 1 day only")]
    [InlineData(6 * 1440, "for 6 days only")]
    [InlineData(7 * 1440, "for 7 days")]
    [InlineData(70 * 1440, "for 7 days")]
    public void Summary_SaysForHowLongItIsCounted(int minutes, string expected)
    {
        var counted = TimeSpan.FromMinutes(minutes);
        Assert.Contains(expected, Advisor.Advise(WhereRequired, new([], counted))[0].Summary, StringComparison.Ordinal);
        Assert.Contains(
            $"Counted {expected}.",
            Advisor.Advise(WhereRequired, new([Would("till/2", ("/jobs", 426, 1, 0))], counted))[0].Summary,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Summary_CallersThatAreForgotten_AreSaid()
    {
        var step = Advisor.Advise(WhereRequired, new([], TimeSpan.FromDays(7), IsComplete: false))[0];
        Assert.EndsWith("There were more callers than the report remembers, so some may be missing.", step.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public void Summary_ManyCallers_AreNotAllNamed() => Assert.StartsWith(
        "9 callers would be refused on /1, /2, /3 and 6 others: p/1, p/2, p/3 and 6 others.",
        Advise(WhereRequired, "Enforce", [.. Enumerable.Range(1, 9).Select(static i => Would($"p/{i}", ($"/{i}", 426, 1, 0)))]).Summary,
        StringComparison.Ordinal);

    [Fact]
    public void Summary_CallerWithoutAName_IsSaid() => Assert.Contains(
        "1 caller would be refused on /jobs: one without a name.", Advise(WhereRequired, "Enforce", Would("", ("/jobs", 426, 1, 0))).Summary, StringComparison.Ordinal);

    [Fact]
    public void Outcomes_AreInJsonAsDocumented()
    {
        var json = JsonSerializer.Serialize(SampleReport.Create(), ReportJsonContext.Default.ReportContent);
        Assert.Contains("\"outcome\": \"refused\"", json, StringComparison.Ordinal);
    }

    [Fact]
    public void Position_IsThatOfTheEndpointThatIsLeastFar()
    {
        Assert.Null(SettingsPosition.Of([]));
        var (one, other, off) = (UpgradeConnections.CreateSettings(), UpgradeConnections.CreateSettings(), UpgradeConnections.CreateSettings());
        (off.Options.Enabled, off.Options.Offers) = (false, TlsUpgradeOffers.None);
        Assert.Null(SettingsPosition.Of([off]));
        other.Options.Offers = TlsUpgradeOffers.WhereRequired;
        one.Options.Requirement = TlsUpgradeRequirement.ReportOnly;
        var position = SettingsPosition.Of([one, other, off])!;
        Assert.Equal((TlsUpgradeOffers.WhereRequired, true, true), (position.Offers, position.IsReportOnly, position.FallsBack));
        other.Options.FallbackLifetime = TimeSpan.Zero;
        Assert.False(SettingsPosition.Of([one, other])!.FallsBack);
    }

    private static string Describe(AdvisedCaller caller) =>
        $"{caller.Product} {caller.Outcome} {caller.Count} {string.Join(',', caller.Resources)}";

    private static Evidence Seen(params CallerContent[] callers) => new(callers, TimeSpan.FromDays(8));

    private static Advice Advise(SettingsPosition position, string value, params CallerContent[] callers) =>
        Advisor.Advise(position, Seen(callers)).Single(step => step.Value == value);

    private static CallerContent Outlook(string product, CallerOutlook outlook, string network = "192.0.2.0/24") =>
        SampleReport.CreateCaller(product) with { Network = network, Outlook = outlook };

    private static CallerContent Would(string product, params (string Resource, int Status, long Count, long Offering)[] rows) =>
        Outlook(product, new() { WouldBe = [.. rows.Select(static row => new OutlookResource(row.Resource, row.Status, row.Count, row.Offering))] });

    private static CallerContent Would(string product, (string Resource, int Status, long Count, long Offering) row, CallerFailureContent failing)
    {
        var caller = Would(product, row);
        return caller with { Outlook = caller.Outlook with { Failing = failing } };
    }
}
