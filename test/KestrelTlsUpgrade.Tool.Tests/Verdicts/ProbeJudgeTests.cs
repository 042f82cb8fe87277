using KestrelTlsUpgrade.Tool.Probing;
using KestrelTlsUpgrade.Tool.Probing.Results;
using KestrelTlsUpgrade.Tool.Verdicts;

namespace KestrelTlsUpgrade.Tool.Tests.Verdicts;

public sealed class ProbeJudgeTests
{
    private static readonly CertificateResult GoodCertificate = new(
        "CN=a", "CN=b", ["a.test"], DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddDays(90), 30, true, true, true, [], "00");

    private static readonly UpgradeResult Upgraded = new(UpgradeWay.FirstRequest, "GET /", "TLS/1.2", UpgradeOutcome.Upgraded, 101, ["TLS/1.2"], true);

    private static readonly ProbeReport Good = new(ProbeTarget.TryCreate("http://a.test/")!, new ReachResult(true, "192.0.2.1:80"))
    {
        PlainRequest = new PlainRequestResult("GET /", 200, "OK"),
        Upgrades = [Upgraded],
        TlsVersions = [new("TLS 1.3", TlsVersionOutcome.Accepted), new("TLS 1.0", TlsVersionOutcome.Refused)],
        Certificate = GoodCertificate,
        Clients = [new(ClientKind.Http2, ["h2"], ClientOutcome.Refused), new(ClientKind.Aware, [], ClientOutcome.Answered)],
        Closure = new(ClosureOutcome.CloseNotify),
        Injection = new(InjectionOutcome.Refused, "GET /"),
        DirectTls = [new("HTTP/2", true, 200), new("HTTP/1.1", false, 505)],
    };

    private static void AssertVerdict(ProbeReport report, ProbeOutcome outcome, int exitCode, params string[] codes)
    {
        var verdict = ProbeJudge.Judge(report, ignoresTrust: false);
        Assert.Equal((outcome, exitCode), (verdict.Outcome, verdict.ExitCode));
        Assert.Equal(codes, verdict.Findings.Select(finding => finding.Code));
    }

    private static ProbeReport WithCertificate(Func<CertificateResult, CertificateResult> change) => Good with { Certificate = change(GoodCertificate) };

    private static ProbeReport WithAnswered(ClientKind client, bool servesHttp1) => Good with
    {
        Clients =
        [
            new(ClientKind.Http2, [], client is ClientKind.Http2 ? ClientOutcome.Answered : ClientOutcome.Refused),
            new(client, [], ClientOutcome.Answered),
        ],
        DirectTls = [new("HTTP/1.1", servesHttp1, 200)],
    };

    [Fact]
    public void Judge_Good_NoFindings() => AssertVerdict(Good, ProbeOutcome.Upgrades, 0);

    [Fact]
    public void Judge_NoConnection_Unreachable() =>
        AssertVerdict(new ProbeReport(Good.Target, new ReachResult(false, Error: "x")), ProbeOutcome.Unreachable, 3);

    [Fact]
    public void Judge_NoHttp_Unreachable() => AssertVerdict(
        new ProbeReport(Good.Target, Good.Reach)
        {
            PlainRequest = new PlainRequestResult("GET /", Error: "x"),
            Upgrades = [new UpgradeResult(UpgradeWay.FirstRequest, "GET /", "TLS/1.2")],
            DirectTls = [new("HTTP/2", Error: "x")],
        },
        ProbeOutcome.Unreachable,
        3);

    [Fact]
    public void Judge_Refused_DoesNotUpgrade() => AssertVerdict(
        new ProbeReport(Good.Target, Good.Reach)
        {
            PlainRequest = Good.PlainRequest,
            Upgrades = [Upgraded with { Outcome = UpgradeOutcome.Refused, Status = 200 }],
        },
        ProbeOutcome.DoesNotUpgrade,
        1);

    [Fact]
    public void Judge_OneWayBroken_IsAFinding() => AssertVerdict(
        Good with { Upgrades = [Upgraded, Upgraded with { Outcome = UpgradeOutcome.Broken }] }, ProbeOutcome.UpgradesWithFindings, 2, "upgrade-broken");

    [Fact]
    public void Judge_AllWaysBroken_DoesNotUpgrade() => AssertVerdict(
        Good with { Upgrades = [Upgraded with { Outcome = UpgradeOutcome.Broken }] }, ProbeOutcome.DoesNotUpgrade, 1, "upgrade-broken");

    [Theory]
    [InlineData(0, true, "opossum", 2)]
    [InlineData(0, false, "opossum", 2)]
    [InlineData(1, true, "opossum-http1", 2)]
    [InlineData(1, false, "opossum-http1-elsewhere", 0)]
    [InlineData(2, true, "opossum-http1", 2)]
    [InlineData(2, false, "opossum-http1-elsewhere", 0)]
    public void Judge_ClientsAnswered_AreOpossum(int client, bool servesHttp1, string code, int exitCode) => AssertVerdict(
        WithAnswered((ClientKind)client, servesHttp1), exitCode == 0 ? ProbeOutcome.Upgrades : ProbeOutcome.UpgradesWithFindings, exitCode, code);

    [Fact]
    public void Judge_ClientsUnclear_IsNotCalledSafe()
    {
        AssertVerdict(Good with { Clients = [] }, ProbeOutcome.UpgradesWithFindings, 2, "opossum-unclear");
        AssertVerdict(
            Good with { Clients = [new(ClientKind.Http2, [], ClientOutcome.Unclear)] }, ProbeOutcome.UpgradesWithFindings, 2, "opossum-unclear");
        AssertVerdict(Good with { Injection = new(InjectionOutcome.Unclear, "GET /", "x") }, ProbeOutcome.UpgradesWithFindings, 2, "cleartext-unclear");
    }

    [Fact]
    public void Judge_Executed_IsTheGravest() => AssertVerdict(
        WithCertificate(certificate => certificate with { MatchesHost = false }) with { Injection = new(InjectionOutcome.Executed, "GET /") },
        ProbeOutcome.UpgradesWithFindings,
        2,
        "cleartext-executed",
        "certificate-name");

    [Fact]
    public void Judge_OldTls_IsAFinding() => AssertVerdict(
        Good with { TlsVersions = [new("TLS 1.0", TlsVersionOutcome.Accepted)] }, ProbeOutcome.UpgradesWithFindings, 2, "old-tls", "no-tls13");

    [Fact]
    public void Judge_Notes_DoNotCount() => AssertVerdict(
        Good with
        {
            Upgrades = [Upgraded with { ConnectionNamesUpgrade = false }],
            Tokens = [new("GET /", "h2c", NamesTls: false, IsAccepted: true, 101)],
            Closure = new(ClosureOutcome.WithoutCloseNotify),
            TlsVersions = [new("TLS 1.2", TlsVersionOutcome.Accepted), new("TLS 1.3", TlsVersionOutcome.Refused)],
        },
        ProbeOutcome.Upgrades,
        0,
        "unoffered-protocol",
        "connection-without-upgrade",
        "no-close-notify",
        "no-tls13");

    [Theory]
    [InlineData(14, true, "")]
    [InlineData(13, true, "certificate-expires-soon")]
    [InlineData(-1, false, "certificate-expired")]
    [InlineData(30, false, "certificate-not-yet-valid")]
    public void Judge_CertificateDates(int daysLeft, bool isInDate, string code)
    {
        var findings = ProbeJudge.Judge(WithCertificate(certificate => certificate with { DaysLeft = daysLeft, IsInDate = isInDate }), false).Findings;
        Assert.Equal(code.Length == 0 ? [] : [code], findings.Select(finding => finding.Code));
    }

    [Fact]
    public void Judge_Untrusted_NamesTheReasonOnce()
    {
        AssertVerdict(
            WithCertificate(certificate => certificate with { IsTrusted = false, TrustProblems = ["UntrustedRoot"] }),
            ProbeOutcome.UpgradesWithFindings,
            2,
            "certificate-untrusted");
        AssertVerdict(
            WithCertificate(certificate => certificate with { IsTrusted = false, TrustProblems = ["NotTimeValid"], IsInDate = false, DaysLeft = -1 }),
            ProbeOutcome.UpgradesWithFindings,
            2,
            "certificate-expired");
    }

    [Fact]
    public void Judge_IgnoringTrust_LeavesDates()
    {
        var report = WithCertificate(certificate => certificate with { IsTrusted = false, MatchesHost = false, TrustProblems = ["UntrustedRoot"] });
        Assert.Empty(ProbeJudge.Judge(report, ignoresTrust: true).Findings);
        var expired = report with { Certificate = report.Certificate! with { IsInDate = false, DaysLeft = -3 } };
        Assert.Equal("certificate-expired", Assert.Single(ProbeJudge.Judge(expired, ignoresTrust: true).Findings).Code);
    }
}
