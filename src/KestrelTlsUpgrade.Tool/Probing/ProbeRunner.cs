using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Tool.Probing.Results;
using KestrelTlsUpgrade.Tool.Probing.Steps;

namespace KestrelTlsUpgrade.Tool.Probing;

/// <summary>Runs the steps of a probe in order, skipping those that an earlier step made pointless.</summary>
/// <param name="session">The server and the settings.</param>
/// <param name="progress">Receives the current step's name.</param>
internal sealed class ProbeRunner(ProbeSession session, Action<string> progress)
{
    /// <summary>The offer of this project's client. An attacker can announce the mark too; only the handshake proves who has it.</summary>
    private const string DefaultOffer = $"TLS/1.3, TLS/1.2, {AwareClient.UpgradeMember}";

    public async Task<ProbeReport> RunAsync(CancellationToken cancellationToken)
    {
        progress("connecting");
        var report = new ProbeReport(session.Target, await new ReachStep(session).RunAsync(cancellationToken));
        if (!report.Reach.IsReachable)
        {
            return report;
        }

        progress("asking in clear text");
        report = report with { PlainRequest = await new PlainRequestStep(session).RunAsync(cancellationToken) };
        report = await AskForUpgradesAsync(report, cancellationToken);
        if (BestOf(report.Upgrades) is { } offer)
        {
            report = await ExamineAsync(report, offer, cancellationToken);
        }

        progress("asking for https");
        return report with { DirectTls = await new DirectTlsStep(session).RunAsync(cancellationToken) };
    }

    private async Task<ProbeReport> AskForUpgradesAsync(ProbeReport report, CancellationToken cancellationToken)
    {
        progress("asking for the upgrade");
        var first = await AskForUpgradeAsync(UpgradeWay.FirstRequest, DefaultOffer, cancellationToken);
        if (report.PlainRequest!.Status is null && first.Status is null)
        {
            // The server does not speak HTTP.
            return report with { Upgrades = [first] };
        }

        var upgrades = await AskForOtherUpgradesAsync(first, DefaultOffer, cancellationToken);
        progress("trying upgrade tokens");
        var request = upgrades.FirstOrDefault(static upgrade => upgrade is { Way: UpgradeWay.FirstRequest, Status: 101 }) is not null
            && upgrades.All(static upgrade => upgrade is not { Way: UpgradeWay.FirstOptions, Status: 101 })
            ? new ProbeRequest("GET", session.Target.Path)
            : ProbeRequest.ServerWide;
        var tokens = await new TokensStep(session, request).RunAsync(cancellationToken);
        if (BestOf(upgrades) is null
            && tokens.FirstOrDefault(static token => token is { IsAccepted: true, NamesTls: true }) is { } accepted)
        {
            // The server only accepts certain tokens.
            progress("asking for the upgrade again");
            first = await AskForUpgradeAsync(UpgradeWay.FirstRequest, accepted.Offer, cancellationToken);
            upgrades = await AskForOtherUpgradesAsync(first, accepted.Offer, cancellationToken);
        }

        return report with { Upgrades = upgrades, Tokens = tokens };
    }

    private async Task<IReadOnlyList<UpgradeResult>> AskForOtherUpgradesAsync(
        UpgradeResult first, string offer, CancellationToken cancellationToken) =>
    [
        first,
        await AskForUpgradeAsync(UpgradeWay.FirstOptions, offer, cancellationToken),
        await AskForUpgradeAsync(UpgradeWay.LaterRequest, offer, cancellationToken),
    ];

    private Task<UpgradeResult> AskForUpgradeAsync(UpgradeWay way, string offer, CancellationToken cancellationToken) =>
        new UpgradeStep(session, way, offer).RunAsync(cancellationToken);

    private async Task<ProbeReport> ExamineAsync(ProbeReport report, UpgradeOffer offer, CancellationToken cancellationToken)
    {
        progress("trying TLS versions");
        report = report with { TlsVersions = await new TlsVersionsStep(session, offer).RunAsync(cancellationToken) };
        progress("looking at the certificate");
        report = report with { Certificate = await new CertificateStep(session, offer).RunAsync(cancellationToken) };
        progress("trying the handshakes of other clients");
        report = report with { Clients = await new ClientsStep(session, offer).RunAsync(cancellationToken) };
        progress("having the server close");
        report = report with { Closure = await new ClosureStep(session, offer).RunAsync(cancellationToken) };
        progress("sending clear text behind the upgrade request");
        return report with { Injection = await new InjectionStep(session, OffersOf(report.Upgrades, offer)).RunAsync(cancellationToken) };
    }

    /// <summary>Every way whose upgrade succeeds. A server may treat what follows differently behind each of them.</summary>
    private UpgradeOffer[] OffersOf(IReadOnlyList<UpgradeResult> upgrades, UpgradeOffer best)
    {
        UpgradeOffer[] complete = [.. upgrades.Where(static upgrade => upgrade.Outcome is UpgradeOutcome.Upgraded).Select(OfferOf)];
        return complete.Length > 0 ? complete : [best];
    }

    /// <summary>The upgrade to use in later steps: preferably one that succeeded completely, otherwise one that got a 101.</summary>
    private UpgradeOffer? BestOf(IReadOnlyList<UpgradeResult> upgrades)
    {
        var best = upgrades.Where(static upgrade => upgrade is { Status: 101, Way: not UpgradeWay.LaterRequest })
            .OrderBy(static upgrade => upgrade.Outcome).FirstOrDefault();
        return best is null ? null : OfferOf(best);
    }

    private UpgradeOffer OfferOf(UpgradeResult upgrade) =>
        new(upgrade.Way is UpgradeWay.FirstOptions ? ProbeRequest.ServerWide : new("GET", session.Target.Path), upgrade.Offer, upgrade.Before);
}
