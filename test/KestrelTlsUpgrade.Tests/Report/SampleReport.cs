using KestrelTlsUpgrade.Report.Internal.Advising;
using KestrelTlsUpgrade.Report.Internal.Content;

namespace KestrelTlsUpgrade.Tests.Report;

/// <summary>A report in which every member has a value.</summary>
internal static class SampleReport
{
    public static readonly DateTimeOffset Now = new(2030, 2, 3, 4, 5, 6, TimeSpan.Zero);

    public static ReportContent Create(params CallerContent[] callers) => new(
        Now,
        Now.AddDays(-3),
        CreatePeriod(60, 60, new(30, 10, 60)),
        CreatePeriod(1800, 48, new(2000, 0, 0)),
        new(256, callers.Length, callers),
        [
            new(
                "http://127.0.0.1:8080",
                "There is no file <tls>.",
                new Dictionary<string, string> { ["DirectTls"] = "Any" },
                [
                    new("server.pfx", CertificateState.Valid, "CN=a", "CN=b", ["a.test", "b.test"], Now.AddDays(-1), Now.AddDays(80), 80, "AB12"),
                    new("old.pfx", CertificateState.Expired, "CN=a", "CN=b", [], Now.AddDays(-9), Now.AddDays(-1), -1, "AB12"),
                ]),
        ])
    {
        Advice =
        [
            new(
                "Requirement",
                "Enforce",
                MeetsNobody: false,
                "1 caller would be refused on /jobs/{id}: <b>till</b>.",
                [
                    new("<b>till</b>", "192.0.2.0/24", StepOutcome.Refused, 12, ["/jobs/{id}"], "Offer the upgrade."),
                    new("Prometheus/2", "198.51.100.0/24", StepOutcome.Refused, 3, ["/jobs/{id}"], "Offer the upgrade.") { IsExpected = true },
                ]),
            new("app.RequireTlsUpgrade()", "everywhere", MeetsNobody: true, "Nobody came in clear text for 7 days.", []),
        ],
    };

    public static CallerContent CreateCaller(
        string product, long plaintext = 1, long upgraded = 0, long failed = 0, long missed = 0, bool offers = false) =>
        new(product, "192.0.2.0/24", plaintext, upgraded, failed, missed, offers, Now.AddMinutes(-5), plaintext > 0 ? Now.AddMinutes(-9) : null);

    /// <summary>A caller in which every member has a value.</summary>
    public static CallerContent CreateFullCaller(string product) => CreateCaller(product, plaintext: 9, upgraded: 3, failed: 2, offers: true) with
    {
        IsExpected = true,
        Redirected = 4,
        AfterUpgrade = 5,
        DirectTls = 6,
        DirectTlsShutOut = 12,
        Declined = new Dictionary<string, long> { ["not_required"] = 7 },
        Failures =
        [
            new("name_<b>", 2, Now.AddHours(-3), "The client offers TLS 1.0 only.", "Enable it.", "Update it.", "printer.test", "TLS 1.0"),
        ],
        Addresses = ["192.0.2.7"],
        FallenBackUntil = Now.AddMinutes(30),
        Resources =
        [
            new("/jobs/{id}", new Dictionary<string, long> { ["426"] = 8 }, new Dictionary<string, long> { ["307"] = 2, ["426"] = 11 }),
        ],
    };

    private static PeriodContent CreatePeriod(int seconds, int steps, RequestsContent requests) => new(
        seconds,
        requests,
        new(1, 2, 3, 4, 5, 6),
        [new("reset", "Clients reset the connection.", 6)],
        new Dictionary<string, long> { ["307"] = 1, ["403"] = 0, ["421"] = 0, ["426"] = 2 },
        [.. Enumerable.Range(0, steps).Select(i => new StepContent(
            Now.AddSeconds(-seconds * (steps - 1 - i)),
            i == 0 ? requests : new(0, 0, 0),
            i == 0 ? new(1, 2, 3, 4, 5, 6) : new(0, 0, 0, 0, 0, 0)))]);
}
