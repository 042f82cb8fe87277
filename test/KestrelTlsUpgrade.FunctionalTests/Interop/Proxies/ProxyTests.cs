using System.Net;
using System.Text;
using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace KestrelTlsUpgrade.FunctionalTests.Interop.Proxies;

/// <summary>
/// Requirement A-16 with real reverse proxies: do they relay the upgrade, do they show themselves, and does a client get past
/// their rules by it?
/// </summary>
public sealed class ProxyTests
{
    private const string Nothing = "nothing";

    private static readonly string TablePath = Path.Combine(AppContext.BaseDirectory, "Interop", "Proxies", "ProxyTable.md");

    /// <summary>
    /// An offer alone, one for proxies that compare it with the whole answer, and one that a rule for WebSocket takes for its own.
    /// </summary>
    private static readonly (string Name, string Fields)[] Offers =
    [
        ("alone", "Upgrade: TLS/1.2\r\nConnection: Upgrade\r\n"),
        ("beside `HTTP/1.1`", "Upgrade: TLS/1.2, HTTP/1.1\r\nConnection: Upgrade\r\n"),
        (
            "beside `websocket`",
            "Upgrade: TLS/1.2, websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"),
    ];

    public static TheoryData<int> Settings => [.. Enumerable.Range(0, ProxySettings.All.Length)];

    [Theory]
    [MemberData(nameof(Settings))]
    public async Task A16_Proxy_DoesWhatTheTableSays(int index)
    {
        var setting = ProxySettings.All[index];
        Peers.Require(setting.Program);
        await using var server = await StartServerAsync();
        List<string> cells = [setting.Proxy, setting.Name];
        await using (var witness = new ProxyWitness())
        await using (var proxy = await setting.StartAsync(witness.Port, line: ""))
        {
            cells.AddRange(await ObserveAsync(proxy.Port, witness));
            witness.PassTo(server.EndPoint);
            cells.Add(await AttackAsync(proxy.Port, isSafe: false));
        }

        var outcomes = new HashSet<string>();
        foreach (var line in ProxiesDocument.GetLines(setting.Proxy))
        {
            await using var proxy = await setting.StartAsync(server.Port, line);
            outcomes.Add(await AttackAsync(proxy.Port, isSafe: true));
        }

        cells.AddRange(outcomes);
        var row = new StringBuilder("| ").AppendJoin(" | ", cells).Append(" |").ToString();
        Assert.True((await File.ReadAllLinesAsync(TablePath)).Contains(row), $"Measured: {row}");
    }

    [Fact]
    public void A16_Table_KeepsWhatTheDocumentPromises()
    {
        var rows = File.ReadAllLines(TablePath).Where(static line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(1)
            .Select(static line => line.Split('|', StringSplitOptions.TrimEntries)[1..^1]).ToArray();
        Assert.Equal(ProxySettings.All.Select(static setting => setting.ToString()), rows.Select(static row => $"{row[0]}, {row[1]}"));
        foreach (var row in rows)
        {
            // Nobody gets past a proxy that shows itself, nor past one that has its line. A proxy that relays an upgrade and shows nothing is passed.
            Assert.Equal(row[3] != "no" && row[4] == Nothing ? "yes" : "no", row[5]);
            Assert.Equal("no", row[6]);
        }

        Assert.All(ProxySettings.All, static setting => Assert.NotEmpty(ProxiesDocument.GetLines(setting.Proxy)));
        Assert.Contains(rows, static row => row[0] == "HAProxy" && row[5] == "yes");
        Assert.Contains(rows, static row => row[0] == "nginx" && row[5] == "yes");
    }

    [Fact]
    public void A16_Document_ListsTheFieldsAndTheirReasons() => Assert.Equal(
        ProxyFields.All.Select(static field => $"`{field.Name}`: {field.Reason}"),
        ProxiesDocument.GetRows("How a proxy shows itself").Select(static row => $"{row[0]}: {row[1]}"));

    /// <summary>The offers that get through, whether an answer and what follows it come back, and the fields that give the proxy away.</summary>
    private static async Task<string[]> ObserveAsync(int port, ProxyWitness witness)
    {
        var passed = new List<string>();
        var isRelayed = false;
        var shown = new List<string>();
        foreach (var (index, (name, fields)) in Offers.Index())
        {
            var target = $"/offer{index}";
            await using var connection = await RawConnection.OpenAsync(new IPEndPoint(IPAddress.Loopback, port));
            await connection.SendAsync($"GET {target} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n");
            var response = await connection.ReadResponseAsync();
            var lines = witness.GetFields(target);
            if (lines.Any(static line => line.StartsWith("upgrade:", StringComparison.OrdinalIgnoreCase)
                && line.Contains("tls/1.2", StringComparison.OrdinalIgnoreCase)))
            {
                passed.Add(name);
            }

            if (response.Status == 101)
            {
                await connection.SendAsync("ping");
                Assert.Equal("ping", Encoding.ASCII.GetString(await connection.ReadAsync(4)));
                isRelayed = true;
            }

            shown.AddRange(lines.Select(static line => line[..line.IndexOf(':', StringComparison.Ordinal)]).Where(static line => Intermediary.IsShownBy(line)));
        }

        return
        [
            passed.Count == 0 ? "no" : passed.Contains(Offers[0].Name) ? "yes" : string.Join(", ", passed),
            isRelayed ? "yes" : "no",
            shown.Count == 0 ? Nothing : string.Join(", ", shown.Select(static field => $"`{field}`").Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.OrdinalIgnoreCase)),
        ];
    }

    /// <summary>Whether a client gets to what the proxy denies, over a channel that an upgrade has opened past it.</summary>
    private static async Task<string> AttackAsync(int port, bool isSafe)
    {
        var isPassed = false;
        foreach (var (_, fields) in Offers)
        {
            isPassed |= await GetsPastAsync(port, fields, isSafe);
        }

        return isPassed ? "yes" : "no";
    }

    private static async Task<bool> GetsPastAsync(int port, string fields, bool isSafe)
    {
        const string Admin = "GET /admin HTTP/1.1\r\nHost: localhost\r\n\r\n";
        var endPoint = new IPEndPoint(IPAddress.Loopback, port);
        await using (var direct = await RawConnection.OpenAsync(endPoint))
        {
            await direct.SendAsync(Admin);
            Assert.Equal(403, (await direct.ReadResponseAsync()).Status);
        }

        await using var connection = await RawConnection.OpenAsync(endPoint);
        await connection.SendAsync($"GET /open HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n");
        var response = await connection.ReadResponseAsync();
        if (response.Status != 101)
        {
            // Where the line has the offer declined, callers get what they asked for. Some proxies break an answer that they do not expect.
            if (isSafe)
            {
                Assert.Equal("/open Plaintext", response.Content);
            }

            return false;
        }

        await connection.StartTlsAsync(serverName: null);
        Assert.Equal("/open Upgraded", (await connection.ReadResponseAsync()).Content);
        await connection.SendAsync(Admin);
        Assert.Equal("/admin Upgraded", (await connection.ReadResponseAsync()).Content);
        return true;
    }

    private static Task<UpgradeServer> StartServerAsync() => UpgradeServer.StartAsync(app: static app => app.Run(static context =>
    {
        var content = $"{context.Request.Path} {context.Features.Get<ITlsUpgradeFeature>()?.State}";
        context.Response.ContentLength = content.Length;
        return context.Response.WriteAsync(content);
    }));
}
