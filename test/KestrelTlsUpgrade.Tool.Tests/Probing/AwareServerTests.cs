using System.Text;
using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Testing;
using KestrelTlsUpgrade.Tool.Tests.Support;

namespace KestrelTlsUpgrade.Tool.Tests.Probing;

/// <summary>
/// A server that upgrades only where the request announces the mark, and answers only handshakes with the mark that is bound to that
/// request.
/// </summary>
public sealed class AwareServerTests
{
    private static ScriptedServer Start() => new(async connection =>
    {
        var first = await connection.ReadTextAsync(1);
        if (!char.IsAsciiLetterUpper(first[0]))
        {
            // Somebody asks for https.
            return;
        }

        for (var head = first + await connection.ReadHeadAsync(); head.Length > 0; head = await connection.ReadHeadAsync())
        {
            if (head.Contains("\r\nUpgrade: TLS", StringComparison.Ordinal) && head.Contains(", http/1.1-upgraded\r\n", StringComparison.Ordinal))
            {
                await connection.SendAsync(ScriptedConnection.Switching);
                await connection.StartTlsAsync(options => options.ApplicationProtocols = [new(RequestMark.Of(Encoding.ASCII.GetBytes(head)))]);
                if (connection.Tls!.NegotiatedApplicationProtocol.Protocol.IsEmpty)
                {
                    return;
                }
            }

            await connection.SendAsync(ScriptedConnection.EmptyOk);
            if (head.Contains("\r\nConnection: close\r\n", StringComparison.Ordinal))
            {
                await connection.CloseTlsAsync();
                return;
            }
        }
    });

    [Fact]
    public async Task Probe_BoundMarkOnly_UpgradesInEveryWay()
    {
        await using var server = Start();
        var run = await ToolRun.RunAsync("probe", $"http://127.0.0.1:{server.Port}/page", "--json", "-k");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Empty(run.Findings);
        foreach (var way in new[] { "firstRequest", "firstOptions", "laterRequest" })
        {
            Assert.Equal("upgraded", run.Find("upgrades", "way", way).GetProperty("outcome").GetString());
            Assert.Equal("TLS/1.3, TLS/1.2, http/1.1-upgraded", run.Find("upgrades", "way", way).GetProperty("offer").GetString());
        }

        string[] outcomes = [.. new[] { "http2", "http1", "noAlpn", "aware" }.Select(
            client => run.Find("clients", "client", client).GetProperty("outcome").GetString()!)];
        Assert.Equal(["refused", "refused", "refused", "answered"], outcomes);
        var aware = run.Find("clients", "client", "aware");
        var selected = aware.GetProperty("selected").GetString()!;
        Assert.StartsWith("http/1.1-upgraded=", selected, StringComparison.Ordinal);
        Assert.Equal([selected, "http/1.1-upgraded", "http/1.1"], aware.GetProperty("offers").EnumerateArray().Select(id => id.GetString()!));
        Assert.Equal("accepted", run.Find("tlsVersions", "version", "TLS 1.3").GetProperty("outcome").GetString());
        Assert.Equal("accepted", run.Find("tlsVersions", "version", "TLS 1.2").GetProperty("outcome").GetString());
        Assert.Equal("CN=localhost", run.Json.GetProperty("certificate").GetProperty("subject").GetString());
        Assert.Equal("closeNotify", run.Json.GetProperty("closure").GetProperty("outcome").GetString());
        Assert.Equal("refused", run.Json.GetProperty("injection").GetProperty("outcome").GetString());

        // What others get: the server goes on in clear text.
        Assert.Equal(200, run.Find("tokens", "offer", "TLS/1.2").GetProperty("status").GetInt32());
    }

    [Fact]
    public async Task Get_BoundMarkOnly_TheRequestIsConfirmed()
    {
        await using var server = Start();
        var run = await ToolRun.RunAsync("get", $"http://127.0.0.1:{server.Port}/page", "-k", "-v");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("> Upgrade: TLS/1.3, TLS/1.2, http/1.1-upgraded", run.Error, StringComparison.Ordinal);
        Assert.Contains("* received over TLS, upgraded to TLS/1.2, request confirmed", run.Error, StringComparison.Ordinal);
    }
}
