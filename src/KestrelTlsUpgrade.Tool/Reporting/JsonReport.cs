using System.Text.Json;
using KestrelTlsUpgrade.Tool.Probing;
using KestrelTlsUpgrade.Tool.Probing.Results;
using KestrelTlsUpgrade.Tool.Verdicts;

namespace KestrelTlsUpgrade.Tool.Reporting;

/// <summary>
/// A probe report for scripts. The names are documented in the README: within a schema version, names are added but never changed or
/// removed.
/// </summary>
internal sealed record JsonReport(
    int SchemaVersion,
    string ToolVersion,
    string Url,
    ProbeOutcome Verdict,
    int ExitCode,
    IReadOnlyList<Finding> Findings,
    ReachResult Reach,
    PlainRequestResult? PlainRequest,
    IReadOnlyList<UpgradeResult> Upgrades,
    IReadOnlyList<TokenResult> Tokens,
    IReadOnlyList<TlsVersionResult> TlsVersions,
    CertificateResult? Certificate,
    IReadOnlyList<ClientResult> Clients,
    ClosureResult? Closure,
    InjectionResult? Injection,
    IReadOnlyList<DirectTlsResult> DirectTls)
{
    public const int CurrentSchemaVersion = 1;

    public static JsonReport Create(ProbeReport report, Verdict verdict) => new(
        CurrentSchemaVersion,
        Tool.ToolVersion.Number,
        report.Target.ToString(),
        verdict.Outcome,
        verdict.ExitCode,
        verdict.Findings,
        report.Reach,
        report.PlainRequest,
        report.Upgrades,
        report.Tokens,
        report.TlsVersions,
        report.Certificate,
        report.Clients,
        report.Closure,
        report.Injection,
        report.DirectTls);

    public override string ToString() => JsonSerializer.Serialize(this, JsonReportContext.Default.JsonReport);
}
