using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using KestrelTlsUpgrade.Report.Internal.Content;
using KestrelTlsUpgrade.Report.Internal.Page;

namespace KestrelTlsUpgrade.Tests.Report;

/// <summary>The page as it is written. What it looks like is tested with a browser.</summary>
public sealed partial class ReportPageTests
{
    private static readonly CallerContent[] Hostile =
    [
        SampleReport.CreateCaller("</td><script>alert(1)</script>"),
        SampleReport.CreateCaller("\"onmouseover=\"alert(1)"),
        SampleReport.CreateCaller("'&`"),
    ];

    [Fact]
    public void Page_NeedsNothingButItself()
    {
        var page = Render(Hostile);
        var references = Reference().Matches(page).Select(static match => match.Groups[1].Value).Distinct();
        Assert.Equal(["#cross", "#hatch", "?format=json", "data:,"], references.Order(StringComparer.Ordinal));
        Assert.DoesNotContain("http:", page.Replace("http://127.0.0.1:8080", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.DoesNotContain("https:", page, StringComparison.Ordinal);

        // The policy of the response keeps these from working.
        Assert.DoesNotContain(" style=", page, StringComparison.Ordinal);
        Assert.DoesNotMatch(Handler(), page);
    }

    [Fact]
    public void Page_StyleAndScript_HaveTheNonce()
    {
        var page = Render(Hostile);
        Assert.Equal(2, Nonce().Count(page));
        Assert.Single(Script().Matches(page));
        Assert.Contains("<script nonce=\"abc123\">", page, StringComparison.Ordinal);
        Assert.Contains("<style nonce=\"abc123\">", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Page_WhatCallersSay_IsText()
    {
        var callers = Parse(Render(Hostile)).Descendants("table").Single(static table => (string?)table.Attribute("class") == "callers");
        Assert.Equal(
            Hostile.Select(static caller => caller.Product),
            callers.Descendants("tbody").Elements("tr").Select(static row => row.Element("th")!.Value));
        Assert.DoesNotContain(callers.Descendants(), static element => element.Name == "script");
        Assert.DoesNotContain(callers.Descendants().Attributes(), static attribute => attribute.Name.LocalName.StartsWith("on", StringComparison.Ordinal));
    }

    /// <summary>What programs, or drawings, have to understand knows no comma in a number.</summary>
    [Fact]
    public void Page_IsTheSameWhateverTheCulture()
    {
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        (culture.NumberFormat.NumberDecimalSeparator, culture.NumberFormat.NumberGroupSeparator) = (",", ".");
        (culture.DateTimeFormat.TimeSeparator, culture.DateTimeFormat.DateSeparator) = (".", "/");
        var report = SampleReport.Create(Hostile);
        var step = report.Hour.Steps[0] with { Requests = new(1_234_567, 1, 7) };
        report = report with { Hour = report.Hour with { Steps = [step, step, step] } };
        var (page, json) = (ReportPage.Render(report, "n"), JsonSerializer.Serialize(report, ReportJsonContext.Default.ReportContent));
        var before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = culture;
        try
        {
            Assert.Equal(Encoding.UTF8.GetString(page), Encoding.UTF8.GetString(ReportPage.Render(report, "n")));
            Assert.Equal(json, JsonSerializer.Serialize(report, ReportJsonContext.Default.ReportContent));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void Page_Charts_HaveTheirFiguresInWords()
    {
        var figures = Parse(Render([])).Descendants("figure").ToArray();
        Assert.Equal(
            ["Requests, last hour", "Requests, last day", "Connections, last hour", "Connections, last day"],
            figures.Select(static figure => figure.Element("figcaption")!.Element("strong")!.Value));
        var columns = figures[0].Elements("svg").Single();
        Assert.Equal("Requests, last hour: 30 Plaintext, 10 Upgraded, 60 Direct TLS", (string?)columns.Attribute("aria-label"));
        Assert.Equal("03:06 UTC: 30 Plaintext, 10 Upgraded, 60 Direct TLS", columns.Elements("g").Single().Element("title")!.Value);
        Assert.Equal(
            ["Plaintext 30 30 %", "Upgraded 10 10 %", "Direct TLS 60 60 %"],
            figures[0].Descendants("tbody").Elements("tr").Select(static row => string.Join(' ', row.Elements().Select(static cell => cell.Value.Trim()))));
    }

    [Fact]
    public void Page_Columns_AreStackedToTheTopOfTheHighest()
    {
        var rectangles = Parse(Render([])).Descendants("figure").First().Element("svg")!.Element("g")!.Elements("rect")
            .Select(static rectangle => $"{rectangle.Attribute("class")!.Value} {rectangle.Attribute("y")!.Value} {rectangle.Attribute("height")!.Value}");
        Assert.Equal(["whole 0 120", "plaintext 84 36", "upgraded 72 12", "direct 0 72"], rectangles);
    }

    [Fact]
    public void Page_Columns_ShowEvenWhatThereIsLeastOf()
    {
        var report = SampleReport.Create();
        var step = report.Hour.Steps[0] with { Requests = new(1, 0, 99_999_999) };
        var page = Parse(Encoding.UTF8.GetString(ReportPage.Render(report with { Hour = report.Hour with { Steps = [step] } }, "n")));
        var rectangles = page.Descendants("figure").First().Element("svg")!.Element("g")!.Elements("rect")
            .Select(static rectangle => $"{rectangle.Attribute("class")!.Value} {rectangle.Attribute("y")!.Value} {rectangle.Attribute("height")!.Value}");
        Assert.Equal(["whole 0 120", "plaintext 118.5 1.5", "direct 0 118.5"], rectangles);
    }

    [Fact]
    public void Page_Summary_AnswersHowMuchWhoAndWhy()
    {
        var report = SampleReport.Create(
            SampleReport.CreateCaller("till/1", plaintext: 9),
            SampleReport.CreateCaller("cups/2", plaintext: 3, upgraded: 7, offers: true),
            SampleReport.CreateCaller("moved/1") with { LastPlaintext = SampleReport.Now.AddDays(-2) });
        Assert.Equal(
            [
                "Requests over TLS: 70 %: last hour; 0 % in the last day",

                // Nothing could be sent over what was silent, refused or failed.
                "Connections over TLS: 78 %: last hour; 78 % in the last day",
                "Callers in plaintext: 2+: last day; 1 never offered an upgrade. Most: till/1",
                "Failed or refused: 11: last hour; 11 in the last day. Most: reset",
                "Certificate: expired: ⚠ clients refuse it: renew it",
            ],
            ReadSummary(report));
        Assert.Equal(
            "Callers in plaintext: 2: last day; 1 never offered an upgrade. Most: till/1",
            ReadSummary(report with { Callers = report.Callers with { Displaced = 0 } })[2]);
        Assert.EndsWith(
            "Most: no shared version",
            ReadSummary(report with { Day = report.Day with { Failures = [new("no_shared_version", "", 6)] } })[3],
            StringComparison.Ordinal);
        Assert.Equal("Callers in plaintext: 0: nobody in the last day", ReadSummary(SampleReport.Create())[2]);
        Assert.Equal(
            "Callers in plaintext: 1+: last day; 1 never offered an upgrade. Most: one without a name",
            ReadSummary(SampleReport.Create(SampleReport.CreateCaller("")))[2]);
    }

    /// <summary>What is not well comes first, even where it has more days left.</summary>
    [Theory]
    [InlineData(nameof(CertificateState.Valid), 80, "Certificate: 20 days: valid")]
    [InlineData(nameof(CertificateState.NotYetValid), 80, "Certificate: 80 days: ⚠ not valid yet")]
    [InlineData(nameof(CertificateState.Unreadable), null, "Certificate: ?: ⚠ cannot be read")]
    public void Page_Summary_HasTheCertificateToLookAt(string state, int? days, string expected)
    {
        var report = SampleReport.Create();
        var other = new CertificateContent("other.pfx", Enum.Parse<CertificateState>(state), DaysLeft: days);
        var valid = new CertificateContent("valid.pfx", CertificateState.Valid, DaysLeft: 20);
        Assert.Equal(expected, ReadSummary(report with { Endpoints = [report.Endpoints[0] with { Certificates = [valid, other] }] })[4]);
    }

    [Fact]
    public void Page_CallersOfLongAgo_AreFoldedIn()
    {
        var longAgo = SampleReport.Now.AddDays(-2);
        var page = Parse(Render(
        [
            SampleReport.CreateCaller("now/1"),
            SampleReport.CreateCaller("fails/1", plaintext: 0, failed: 1),
            SampleReport.CreateCaller("gone/1") with { LastSeen = longAgo, LastPlaintext = longAgo },
            SampleReport.CreateCaller("failed/1", plaintext: 0, failed: 1) with { LastSeen = longAgo },
            SampleReport.CreateCaller("upgrades/1", upgraded: 5) with { LastPlaintext = longAgo },
        ]));
        var products = page.Descendants("table").Where(static table => (string?)table.Attribute("class") == "callers")
            .Select(static table => string.Join(' ', table.Element("tbody")!.Elements("tr").Select(static row => row.Element("th")!.Value)));
        Assert.Equal(["now/1 fails/1", "gone/1 failed/1 upgrades/1"], products);
        Assert.Contains(page.Descendants("summary"), static summary => summary.Value == "3 before the last day");
    }

    [Fact]
    public void Page_CallersOfLongAgoOnly_SaysThatThereAreNoneNow()
    {
        var longAgo = SampleReport.Now.AddDays(-2);
        var page = Render([SampleReport.CreateCaller("gone/1") with { LastSeen = longAgo, LastPlaintext = longAgo }]);
        Assert.Contains("Nobody in the last day.", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Nobody in the last day.", Render([SampleReport.CreateCaller("now/1")]), StringComparison.Ordinal);
    }

    [Fact]
    public void Page_NothingYet_SaysSo()
    {
        var nothing = new PeriodContent(60, new(0, 0, 0), new(0, 0, 0, 0, 0, 0), [], new Dictionary<string, long>(), [new(SampleReport.Now, new(0, 0, 0), new(0, 0, 0, 0, 0, 0))]);
        var report = new ReportContent(SampleReport.Now, SampleReport.Now, nothing, nothing, new(256, 0, []), []);
        var page = Encoding.UTF8.GetString(ReportPage.Render(report, "n"));
        Assert.Contains("Nobody has, since 2030-02-03 04:05 UTC.", page, StringComparison.Ordinal);
        Assert.Contains("No handshake has failed in the last day", page, StringComparison.Ordinal);
        Assert.Contains("No endpoint upgrades connections. Call UseTlsUpgrade().", page, StringComparison.Ordinal);
        Assert.Contains("None in this time.", page, StringComparison.Ordinal);
        Assert.Equal(
            ["Requests over TLS: –: none in the last day", "Connections over TLS: –: none in the last day", "Callers in plaintext: 0: nobody in the last day", "Failed or refused: 0: none in the last day"],
            ReadSummary(report)[..4]);
    }

    [Theory]
    [InlineData(1, 0, 0, false, "– never")]
    [InlineData(1, 0, 0, true, "◐ yes, not accepted")]
    [InlineData(1, 2, 0, true, "✓ yes")]
    [InlineData(1, 2, 3, true, "◐ yes, and fails at times")]
    [InlineData(0, 0, 3, true, "✕ yes, but it fails")]
    public void Page_Caller_TellsWhetherItOffersAnUpgrade(int plaintext, int upgraded, int failed, bool offers, string expected)
    {
        var page = Parse(Render([SampleReport.CreateCaller("curl/8", plaintext, upgraded, failed, missed: 7, offers)]));
        Assert.Equal(expected, page.Descendants("span").Single(static span => ((string?)span.Attribute("class"))?.StartsWith("offer", StringComparison.Ordinal) is true).Value);
        Assert.Contains(page.Descendants("small"), static small => small.Value == "+7");
        Assert.Equal(failed > 0, page.Descendants("small").Any(static small => small.Value == "3 failed"));
    }

    [Fact]
    public void Page_Advice_StandsFirst_AndTellsWhoAndWhatToDo()
    {
        var page = Parse(Render([]));
        var section = page.Descendants("section").First();
        Assert.Equal("advice", (string?)section.Attribute("class"));
        var steps = section.Descendants("article").ToArray();
        Assert.Equal(["✕ Requirement: Enforce", "✓ app.RequireTlsUpgrade()"], steps.Select(static step => string.Join(' ', step.Element("h3")!.Elements().Select(static part => part.Value))));
        Assert.Equal("1 caller would be refused on /jobs/{id}: <b>till</b>.", steps[0].Element("p")!.Value);
        Assert.Equal(
            ["✕ refused <b>till</b> 192.0.2.0/24 /jobs/{id}", "– expected Prometheus/2 198.51.100.0/24 /jobs/{id} Offer the upgrade."],
            steps[0].Descendants("li").Select(static row => string.Join(' ', row.Elements().Select(static part => part.Value))));
        Assert.Contains("12 requests for", steps[0].Value, StringComparison.Ordinal);
        Assert.Equal("Later steps: 1", steps[1].Ancestors("details").Single().Element("summary")!.Value);
        Assert.DoesNotContain("Next step", Encoding.UTF8.GetString(ReportPage.Render(SampleReport.Create() with { Advice = [] }, "n")), StringComparison.Ordinal);
    }

    [Fact]
    public void Page_Caller_TellsWhatBecameOfItAndWhatToDo()
    {
        var page = Parse(Render([SampleReport.CreateFullCaller("CUPS/2.4.2"), SampleReport.CreateCaller("plain/1")]));
        var details = page.Descendants("details").Single(static part => (string?)part.Attribute("class") == "who");
        Assert.Equal(
            "CUPS/2.4.2 192.0.2.0/24 11 would be refused, 2 would be redirected, 8 refused, 4 redirected, 2 failed, 12 shut out, 7 declined, in clear text for 30 min more",
            string.Join(' ', details.Element("summary")!.Elements().Select(static part => part.Value)));
        Assert.Equal(
            [
                "Requests: 9 in clear text, 4 redirected to https, 3 upgraded, 5 on upgraded connections, 6 over direct TLS, 2 lost with failed upgrades, 12 shut out over direct TLS",
                "Failed: 2: name_<b>, 3 h ago. The client offers TLS 1.0 only. It called printer.test, which the certificate does not name. It offered TLS 1.0."
                    + "Owner: Enable it.Client: Update it.",
                "Declined: 7: Offers is WhereRequired, and the resource does not require TLS.",
                "/jobs/{id}: 8 refused (426), 11 would be refused (426), 2 would be redirected (307)",
                "Addresses: 192.0.2.7",
            ],
            details.Descendants("div").Select(static row => $"{row.Element("dt")!.Value}: {row.Element("dd")!.Value}"));
        Assert.Contains(page.Descendants("small"), static small => small.Value == "expected");
    }

    /// <summary>Who sent no request has no name, and is listed as what it is.</summary>
    [Fact]
    public void Page_CallerThatIsShutOut_IsOfConcernForADay()
    {
        var shutOut = SampleReport.CreateCaller("", plaintext: 0) with { DirectTlsShutOut = 3, LastShutOut = SampleReport.Now.AddHours(-24) };
        var page = Parse(Render([shutOut]));
        var row = page.Descendants("table").Single(static table => (string?)table.Attribute("id") == null && (string?)table.Attribute("class") == "callers")
            .Element("tbody")!.Element("tr")!;
        Assert.Equal("TLS client, names no product", row.Element("th")!.Value);
        Assert.Contains("✕ 3 shut out", row.Value, StringComparison.Ordinal);
        Assert.DoesNotContain(page.Descendants("summary"), static summary => summary.Value.EndsWith("before the last day", StringComparison.Ordinal));
        page = Parse(Render([shutOut with { LastShutOut = SampleReport.Now.AddHours(-25) }]));
        Assert.Contains(page.Descendants("summary"), static summary => summary.Value == "1 before the last day");

        // The same network has one that is served.
        Assert.Contains("names no product", Parse(Render([shutOut with { DirectTls = 1 }])).Value, StringComparison.Ordinal);
        Assert.DoesNotContain("TLS client", Parse(Render([shutOut with { DirectTls = 1 }])).Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Page_ManyCallersWithDetails_AreFoldedIn()
    {
        var page = Parse(Render([.. Enumerable.Range(0, 23).Select(static i => SampleReport.CreateFullCaller($"product/{i}"))]));
        Assert.Equal("3 more", page.Descendants("details").Single(static part => (string?)part.Attribute("id") == "details-more").Element("summary")!.Value);
        var ids = page.Descendants().Attributes("id").Select(static id => id.Value).ToArray();
        Assert.Equal(ids.Length, ids.Distinct().Count());
    }

    [Fact]
    public void Page_CallersOverTlsOnly_AreFoldedIn()
    {
        var page = Parse(Render(
        [
            SampleReport.CreateCaller("upgrades/1", plaintext: 0, upgraded: 5, offers: true),
            SampleReport.CreateCaller("direct/1", plaintext: 0) with { DirectTls = 7 },
            SampleReport.CreateCaller("firefox/1", plaintext: 0) with { Redirected = 2 },
        ]));
        Assert.Contains(page.Descendants("summary"), static summary => summary.Value == "3 over TLS only");
        Assert.Contains("Nobody in the last day.", page.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Page_Summary_LeavesOutWhoIsExpected()
    {
        var expected = SampleReport.CreateCaller("Prometheus/2", plaintext: 99) with { IsExpected = true };
        Assert.Equal(
            "Callers in plaintext: 1+: last day; 1 never offered an upgrade. Most: till/1; 1 expected",
            ReadSummary(SampleReport.Create(expected, SampleReport.CreateCaller("till/1")))[2]);
        Assert.Equal("Callers in plaintext: 0+: nobody in the last day; 1 expected", ReadSummary(SampleReport.Create(expected))[2]);
    }

    [Fact]
    public void Page_ManyCallers_AreFoldedIn()
    {
        var page = Parse(Render([.. Enumerable.Range(0, 23).Select(static i => SampleReport.CreateCaller($"product/{i}"))]));
        var tables = page.Descendants("table").Where(static table => (string?)table.Attribute("class") == "callers").ToArray();
        Assert.Equal([20, 3], tables.Select(static table => table.Element("tbody")!.Elements("tr").Count()));
        Assert.Equal("3 more", tables[1].Ancestors("details").Single().Element("summary")!.Value);
    }

    [Fact]
    public void Page_WhatIsNotWell_IsMarked()
    {
        var page = Parse(Render([]));
        var certificates = page.Descendants("div").Where(static div => ((string?)div.Attribute("class"))?.StartsWith("certificate", StringComparison.Ordinal) is true).ToArray();
        Assert.Equal(["certificate", "certificate warning"], certificates.Select(static div => div.Attribute("class")!.Value));
        Assert.Contains("⚠ clients refuse it: renew it", certificates[1].Value, StringComparison.Ordinal);
        Assert.Contains("⚠ It goes on with its settings from before: There is no file <tls>.", page.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Page_EndpointThatUpgradesNothing_SaysSo()
    {
        var report = SampleReport.Create();
        var off = report.Endpoints[0] with { Settings = new Dictionary<string, string> { ["Enabled"] = "false" }, ReloadFailure = null, Certificates = [] };
        var page = Encoding.UTF8.GetString(ReportPage.Render(report with { Endpoints = [off] }, "n"));
        Assert.Contains("It upgrades nothing: Enabled is false.", page, StringComparison.Ordinal);
        Assert.Contains("No certificate is known beforehand.", page, StringComparison.Ordinal);
        Assert.DoesNotContain("It upgrades nothing", Render([]), StringComparison.Ordinal);
    }

    [Fact]
    public void Page_IdsAreUnique_AndLabelsLeadSomewhere()
    {
        var page = Parse(Render([.. Enumerable.Range(0, 23).Select(static i => SampleReport.CreateCaller($"product/{i}"))]));
        var ids = page.Descendants().Attributes("id").Select(static id => id.Value).ToArray();
        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.Empty(page.Descendants().Attributes("aria-labelledby").Select(static label => label.Value).Except(ids));
        Assert.All(page.Descendants("th"), static cell => Assert.NotNull(cell.Attribute("scope")));
    }

    private static string[] ReadSummary(ReportContent report) =>
    [
        .. Parse(Encoding.UTF8.GetString(ReportPage.Render(report, "n"))).Descendants("dl")
            .Single(static list => (string?)list.Attribute("class") == "summary").Elements("div")
            .Select(static tile => string.Join(": ", tile.Elements().Select(static part => part.Value))),
    ];

    private static string Render(CallerContent[] callers) => Encoding.UTF8.GetString(ReportPage.Render(SampleReport.Create(callers), "abc123"));

    /// <summary>The body is well-formed enough to be read as XML, once what HTML leaves open is closed.</summary>
    private static XElement Parse(string page)
    {
        var body = page[page.IndexOf("<body>", StringComparison.Ordinal)..page.IndexOf("</html>", StringComparison.Ordinal)];
        body = Script().Replace(body, "").Replace(" hidden>", ">", StringComparison.Ordinal);
        return XElement.Parse(body);
    }

    [GeneratedRegex(@"(?:src|href|url)\s*[=(]\s*[""']?([^""')>\s]+)")]
    private static partial Regex Reference();

    [GeneratedRegex(@"<[^>]*\son\w+\s*=")]
    private static partial Regex Handler();

    [GeneratedRegex(@"nonce=""abc123""")]
    private static partial Regex Nonce();

    [GeneratedRegex(@"<script.*?</script>", RegexOptions.Singleline)]
    private static partial Regex Script();
}
