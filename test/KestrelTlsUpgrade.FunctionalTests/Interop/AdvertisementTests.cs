using System.Text;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace KestrelTlsUpgrade.FunctionalTests.Interop;

/// <summary>
/// What clients that know nothing of an upgrade make of its advertisement: they get the same answers over as many connections
/// as without.
/// </summary>
public sealed class AdvertisementTests
{
    private static readonly string Clients = Path.Combine(AppContext.BaseDirectory, "Interop", "Clients");

    private static readonly Dictionary<string, Func<int, Task<string>>> All = new()
    {
        ["curl"] = port => RunAsync(
            "curl", "-sSf", Url(port), Url(port), "--next", "-sSf", "-d", "hello", Url(port), "--next", "-sSf", Url(port)),
        ["wget"] = port => RunAsync("wget", "-qO-", Url(port), Url(port), Url(port), Url(port)),
        ["Python http.client"] = port => RunAsync("python3", Path.Combine(Clients, "http_client.py"), $"{port}"),
        ["Node http"] = port => RunAsync("node", Path.Combine(Clients, "http.mjs"), $"{port}"),
        ["Node fetch"] = port => RunAsync("node", Path.Combine(Clients, "fetch.mjs"), $"{port}"),
        ["Java java.net.http, HTTP/2 if it can"] = port => RunAsync("java", Path.Combine(Clients, "JavaNetHttp.java"), $"{port}", "HTTP_2"),
        ["Java java.net.http, HTTP/1.1"] = port => RunAsync("java", Path.Combine(Clients, "JavaNetHttp.java"), $"{port}", "HTTP_1_1"),
        ["Java HttpURLConnection"] = port => RunAsync("java", Path.Combine(Clients, "UrlConnection.java"), $"{port}"),
        [".NET HttpClient"] = AskWithHttpClientAsync,
    };

    public static TheoryData<string> Names => [.. All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Advertisement_ClientThatKnowsNothingOfIt_Unharmed(string client)
    {
        var without = await AskAsync(client, TlsUpgradeAdvertisement.Never);
        Assert.Equal(4, without.Count);
        Assert.Contains(without, line => line.Contains("GET  at 0", StringComparison.Ordinal));
        Assert.True(client is "wget" || without.Any(line => line.Contains("POST hello at", StringComparison.Ordinal)));
        Assert.Equal(without, await AskAsync(client, TlsUpgradeAdvertisement.OncePerConnection));
        Assert.Equal(without, await AskAsync(client, TlsUpgradeAdvertisement.EveryResponse));
    }

    /// <summary>The answers, with connections counted from 0.</summary>
    private static async Task<List<string>> AskAsync(string client, TlsUpgradeAdvertisement advertise)
    {
        var connections = new List<string>();
        await using var server = await UpgradeServer.StartAsync(
            options => options.Advertise = advertise,
            app: app => app.Run(async context =>
            {
                using var content = new StreamReader(context.Request.Body, Encoding.ASCII);
                var text = await content.ReadToEndAsync(context.RequestAborted);
                lock (connections)
                {
                    if (!connections.Contains(context.Connection.Id))
                    {
                        connections.Add(context.Connection.Id);
                    }
                }

                await context.Response.WriteAsync($"{context.Request.Method} {text} at {connections.IndexOf(context.Connection.Id)}\n");
            }));
        return [.. (await All[client](server.Port)).Split('\n', StringSplitOptions.RemoveEmptyEntries)];
    }

    private static string Url(int port) => $"http://127.0.0.1:{port}/";

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        var (exitCode, output) = await Peers.RunAsync("", program, arguments);
        Assert.True(exitCode == 0, output);
        return output;
    }

    private static async Task<string> AskWithHttpClientAsync(int port)
    {
        using var client = new HttpClient();
        var output = new StringBuilder();
        foreach (var body in new[] { null, null, "hello", null })
        {
            using var request = new HttpRequestMessage(body is null ? HttpMethod.Get : HttpMethod.Post, Url(port));
            request.Content = body is null ? null : new StringContent(body);
            using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
            output.Append(await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }

        return output.ToString();
    }
}
