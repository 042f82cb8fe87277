using System.Net;
using System.Text;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace KestrelTlsUpgrade.FunctionalTests.Attacks;

/// <summary>
/// Requirement A-10, the Opossum attack (CVE-2025-49812): a request in clear text with an offer of an upgrade, and behind its
/// 101 the TLS handshake of a victim that knows nothing of it. Did the victim see the attacker's response?
/// </summary>
public sealed class OpossumTests
{
    private static readonly string TablePath = Path.Combine(AppContext.BaseDirectory, "Attacks", "OpossumTable.md");

    private static readonly (DirectTlsMode DirectTls, TlsUpgradeClientMode Clients)[] Settings =
    [
        (DirectTlsMode.Http2Only, TlsUpgradeClientMode.Compatible),
        (DirectTlsMode.Any, TlsUpgradeClientMode.Compatible),
        (DirectTlsMode.Http2Only, TlsUpgradeClientMode.AwareOnly),
        (DirectTlsMode.Any, TlsUpgradeClientMode.AwareOnly),
    ];

    /// <summary>What the attacker says in clear text, and whether another request goes before it.</summary>
    private static readonly (string Prefix, bool Later)[] Tries =
    [
        (RawConnectionUpgradeExtensions.Request("GET", "/evil", token: RawConnectionUpgradeExtensions.HintedToken), false),
        (RawConnectionUpgradeExtensions.Request("GET", "/evil", token: RawConnectionUpgradeExtensions.HintedToken), true),
        (RawConnectionUpgradeExtensions.Request("HEAD", "/evil", token: RawConnectionUpgradeExtensions.HintedToken), false),
        (RawConnectionUpgradeExtensions.Request("OPTIONS", "*", token: RawConnectionUpgradeExtensions.HintedToken), true),
    ];

    /// <summary>The victim names localhost in its ClientHello, which is cut so that a reader of its first record sees no name.</summary>
    private static readonly string ForAnotherHost =
        RawConnectionUpgradeExtensions.Request("GET", "/evil", host: "evil-tenant.test", token: RawConnectionUpgradeExtensions.HintedToken);

    public static TheoryData<string> VictimNames => [.. Victims.All.Select(victim => victim.Name)];

    [Theory]
    [MemberData(nameof(VictimNames))]
    public async Task A10_VictimBehindAnUpgrade_SeesTheAttackersResponseOnlyWhereTheTableSaysSo(string name)
    {
        var victim = Victims.All.Single(victim => victim.Name == name);
        if (victim.Program is not null)
        {
            Peers.Require(victim.Program);
        }

        var row = await MeasureAsync(victim);
        Assert.True((await File.ReadAllLinesAsync(TablePath)).Contains(row), $"Measured: {row}");
    }

    [Fact]
    public async Task A10_Table_KeepsWhatTheSettingsPromise()
    {
        var rows = (await File.ReadAllLinesAsync(TablePath)).Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(1)
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries)[1..^1]).ToArray();
        Assert.Equal(Victims.All.Select(victim => victim.Name), rows.Select(row => row[0]));
        foreach (var row in rows)
        {
            // By default, nobody whom direct TLS serves is in reach. With AwareOnly, nobody is at all, and another host never.
            Assert.True(row[1] == "no" || row[2] == "no", row[0]);
            Assert.True(row[4] == "no" && row[5] == "no", row[0]);
            Assert.True(row[6] == "no", row[0]);
        }

        // The attack works where nothing stands against it.
        Assert.True(rows.Count(row => row[7] == "yes") >= rows.Length - 1);
    }

    private static async Task<string> MeasureAsync(Victim victim)
    {
        List<string> cells = [victim.Name];
        await using (var server = await StartAsync(Settings[0].DirectTls, Settings[0].Clients))
        {
            cells.Add(YesOrNo((await victim.GetAsync(server.Port)).Contains("X-Request: /victim", StringComparison.OrdinalIgnoreCase)));
        }

        foreach (var (directTls, clients) in Settings)
        {
            await using var server = await StartAsync(directTls, clients);
            cells.Add(YesOrNo(await IsFooledAsync(victim, server.EndPoint, () => server.Log.Lines.Any(line => line.Id.Name is "Upgraded"))));
        }

        await using (var server = await StartAsync(DirectTlsMode.Any, TlsUpgradeClientMode.Compatible))
        {
            await using var relay = new UpgradingRelay(server.EndPoint, ForAnotherHost, later: false, recordSize: 20);
            var seen = await victim.GetAsync(relay.Port);
            cells.Add(YesOrNo(IsOfAttacker(seen) || (victim.IsOpaque && server.Log.Lines.Any(line => line.Id.Name is "Upgraded"))));
        }

        await using var naive = new NaiveUpgradeServer();
        cells.Add(YesOrNo(await IsFooledAsync(victim, naive.EndPoint, () => naive.Answers > 0)));
        return new StringBuilder("| ").AppendJoin(" | ", cells).Append(" |").ToString();
    }

    /// <param name="victim">The victim.</param>
    /// <param name="server">The server.</param>
    /// <param name="hasAnswered">Whether the server sent anything inside TLS, for a victim that does not show what it received.</param>
    private static async Task<bool> IsFooledAsync(Victim victim, IPEndPoint server, Func<bool> hasAnswered)
    {
        // A browser takes its time, and shows the content only.
        var tries = victim.Program == "chromium" ? Tries.Take(2) : Tries;
        var isFooled = false;
        foreach (var (prefix, later) in tries)
        {
            await using var relay = new UpgradingRelay(server, prefix, later);
            isFooled |= IsOfAttacker(await victim.GetAsync(relay.Port));
        }

        return isFooled || (victim.IsOpaque && hasAnswered());
    }

    private static bool IsOfAttacker(string seen) =>
        seen.Contains("X-Request: /evil", StringComparison.OrdinalIgnoreCase)
        || seen.Contains("X-Request: *", StringComparison.OrdinalIgnoreCase)
        || seen.Contains("'x-request': '/evil'", StringComparison.OrdinalIgnoreCase);

    private static Task<UpgradeServer> StartAsync(DirectTlsMode directTls, TlsUpgradeClientMode clients) => UpgradeServer.StartAsync(
        options =>
        {
            options.DirectTls = directTls;
            options.AcceptedClients = clients;
        },
        // A victim that takes one response for another may wait for the rest of it.
        server: server => server.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(2),
        app: app => app.Run(context =>
        {
            var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
            context.Response.Headers["X-Request"] = target;
            return context.Response.WriteAsync($"X-Request: {target}");
        }));

    private static string YesOrNo(bool value) => value ? "yes" : "no";
}
