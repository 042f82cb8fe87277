using System.Globalization;
using KestrelTlsUpgrade.Tool.Probing;
using KestrelTlsUpgrade.Tool.Probing.Results;

namespace KestrelTlsUpgrade.Tool.Reporting;

/// <summary>Describes a probe in text.</summary>
internal static class ReportSections
{
    public static IReadOnlyList<ReportSection> Of(ProbeReport report)
    {
        ReportSection[] sections =
        [
            new("Clear text", report.PlainRequest is null ? [] : [.. PlainRequest(report.PlainRequest)]),
            new("Upgrade", [.. report.Upgrades.Select(Upgrade)]),
            new("Upgrade tokens", [.. report.Tokens.Select(Token)]),
            new("TLS after the upgrade", [.. report.TlsVersions.Select(TlsVersion), .. Closure(report.Closure)]),
            new("Certificate", report.Certificate is null ? [] : [.. Certificate(report.Certificate, report.Target.Host)]),
            new("Who is answered after a 101", [.. report.Clients.Select(Client), .. Injection(report.Injection)]),
            new("https on the same port", [.. report.DirectTls.Select(DirectTls)]),
        ];
        return [.. sections.Where(static section => section.Rows.Count > 0)];
    }

    private static IEnumerable<ReportRow> PlainRequest(PlainRequestResult result)
    {
        if (result.Status is null)
        {
            yield return new ReportRow(result.Request, "failed", Tone.Bad, result.Error!);
            yield break;
        }

        yield return new ReportRow(
            result.Request, $"{result.Status}", Tone.Neutral, PrintableText.Cut(result.Reason!) + (result.Server is null ? ", no Server field" : $", Server: {PrintableText.Cut(result.Server)}"));
        yield return result switch
        {
            { RequiresUpgrade: true } => new ReportRow("requires TLS", "yes", Tone.Good, $"Upgrade: {List(result.AdvertisedTokens!)}"),
            { AdvertisedTokens.Count: > 0 } => new ReportRow("advertises TLS", "yes", Tone.Good, $"Upgrade: {List(result.AdvertisedTokens!)}"),
            _ => new ReportRow("advertises TLS", "no", Tone.Neutral),
        };
    }

    private static ReportRow Upgrade(UpgradeResult result)
    {
        var name = result.Way is UpgradeWay.LaterRequest ? $"{result.Request}, later" : $"{result.Request}, first";
        return result.Outcome switch
        {
            UpgradeOutcome.Upgraded => new ReportRow(
                name, "yes", Tone.Good, $"101 {List(result.SwitchedTo!)}; {result.TlsVersion}, {result.CipherSuite}; {result.AnswerStatus} inside TLS"),
            UpgradeOutcome.Refused => new ReportRow(name, "no", Tone.Bad, $"{result.Status} in clear text to Upgrade: {result.Offer}"),
            UpgradeOutcome.Broken => new ReportRow(name, "broken", Tone.Bad, $"101 {List(result.SwitchedTo!)}; {result.Error}"),
            _ => new ReportRow(name, "failed", Tone.Bad, result.Error!),
        };
    }

    private static ReportRow Token(TokenResult result) => result switch
    {
        { Status: null } => new ReportRow(result.Offer, "failed", Tone.Bad, $"{result.Request}: {result.Error}"),
        { IsAccepted: true } => new ReportRow(
            result.Offer, "yes", result.NamesTls ? Tone.Good : Tone.Warning, $"{result.Request}: 101 {List(result.SwitchedTo!)}"),
        _ => new ReportRow(result.Offer, "no", Tone.Neutral, $"{result.Request}: {result.Status}"),
    };

    private static ReportRow TlsVersion(TlsVersionResult result)
    {
        var isOld = result.Version is "TLS 1.0" or "TLS 1.1";
        return result.Outcome switch
        {
            TlsVersionOutcome.Accepted => new ReportRow(result.Version, "yes", isOld ? Tone.Bad : Tone.Good, result.CipherSuite!),
            TlsVersionOutcome.Refused => new ReportRow(result.Version, "no", isOld ? Tone.Good : Tone.Warning, result.Error!),
            TlsVersionOutcome.NotTestable => new ReportRow(result.Version, "not tried", Tone.Neutral, result.Error!),
            _ => new ReportRow(result.Version, "failed", Tone.Bad, result.Error!),
        };
    }

    private static IEnumerable<ReportRow> Closure(ClosureResult? result)
    {
        if (result is not null)
        {
            yield return result.Outcome switch
            {
                ClosureOutcome.CloseNotify => new ReportRow("close_notify", "yes", Tone.Good),
                ClosureOutcome.WithoutCloseNotify => new ReportRow("close_notify", "no", Tone.Warning, result.Error ?? "the connection just ends"),
                _ => new ReportRow("close_notify", "unclear", Tone.Neutral, result.Error!),
            };
        }
    }

    private static IEnumerable<ReportRow> Certificate(CertificateResult result, string host)
    {
        if (result.Error is not null)
        {
            yield return new ReportRow("certificate", "failed", Tone.Bad, result.Error);
            yield break;
        }

        yield return new ReportRow("subject", "", Tone.Neutral, result.Subject!);
        yield return new ReportRow("issuer", "", Tone.Neutral, result.Issuer!);
        yield return new ReportRow("names", "", Tone.Neutral, result.Names!.Count == 0 ? "none" : List(result.Names));
        yield return new ReportRow($"for {host}", result.MatchesHost is true ? "yes" : "no", result.MatchesHost is true ? Tone.Good : Tone.Bad);
        yield return new ReportRow(
            "in date",
            result.IsInDate is true ? "yes" : "no",
            result.IsInDate is true ? Tone.Good : Tone.Bad,
            string.Create(CultureInfo.InvariantCulture, $"{result.NotBefore:yyyy-MM-dd HH:mm}Z to {result.NotAfter:yyyy-MM-dd HH:mm}Z, {result.DaysLeft} days left"));
        yield return new ReportRow(
            "trusted", result.IsTrusted is true ? "yes" : "no", result.IsTrusted is true ? Tone.Good : Tone.Warning, List(result.TrustProblems!));
        yield return new ReportRow("SHA-256", "", Tone.Neutral, result.Sha256!);
    }

    private static ReportRow Client(ClientResult result)
    {
        var name = result.Client switch
        {
            ClientKind.Http2 => "https, HTTP/2",
            ClientKind.Http1 => "https, HTTP/1.1 only",
            ClientKind.NoAlpn => "no ALPN",
            _ => "aware of the upgrade",
        };
        var isForeign = result.Client is ClientKind.Http2;
        var offers = result.Offers.Count == 0 ? "" : $"ALPN {List(result.Offers)}: ";
        return result.Outcome switch
        {
            ClientOutcome.Answered => new ReportRow(
                name,
                "answered",
                isForeign ? Tone.Bad : result.Client is ClientKind.Aware ? Tone.Good : Tone.Neutral,
                $"{offers}{(result.Selected is null ? "none selected" : $"{result.Selected} selected")}"),
            ClientOutcome.Refused => new ReportRow(
                name, "refused", isForeign ? Tone.Good : result.Client is ClientKind.Aware ? Tone.Bad : Tone.Neutral, offers + result.Error),
            _ => new ReportRow(name, "unclear", Tone.Warning, offers + result.Error),
        };
    }

    private static IEnumerable<ReportRow> Injection(InjectionResult? result)
    {
        if (result is not null)
        {
            const string Name = "clear text behind it";
            yield return result.Outcome switch
            {
                InjectionOutcome.Refused => new ReportRow(Name, "refused", Tone.Good, result.Error!),
                InjectionOutcome.Dropped => new ReportRow(Name, "dropped", Tone.Good),
                InjectionOutcome.Executed => new ReportRow(Name, "executed", Tone.Bad, $"behind {result.Request}, as if it had come over TLS"),
                _ => new ReportRow(Name, "unclear", Tone.Warning, $"behind {result.Request}: {result.Error}"),
            };
        }
    }

    private static ReportRow DirectTls(DirectTlsResult result) => result switch
    {
        { IsServed: true } => new ReportRow(result.Protocol, "yes", Tone.Good, $"{result.Status}"),
        { Status: not null } => new ReportRow(result.Protocol, "no", Tone.Neutral, $"{result.Status}"),
        _ => new ReportRow(result.Protocol, "no", Tone.Neutral, result.Error!),
    };

    private static string List(IReadOnlyList<string> members) => string.Join(", ", members);
}
