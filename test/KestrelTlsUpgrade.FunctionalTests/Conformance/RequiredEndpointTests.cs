using System.Net;
using System.Text;
using KestrelTlsUpgrade.TestApp;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using static KestrelTlsUpgrade.Testing.RawConnectionUpgradeExtensions;

namespace KestrelTlsUpgrade.FunctionalTests.Conformance;

/// <summary>
/// Requirement S-33 for every kind of endpoint and every way to it. RequiredEndpointTable.md is what they say, compared with
/// each run.
/// </summary>
public sealed class RequiredEndpointTests : IAsyncLifetime
{
    private const string Head = """
        # Endpoints that require TLS

        Status, `Upgrade` field where there is one, and whether the handler ran; made by `RequiredEndpointTests` and compared with
        each run. POST upgrades with `OPTIONS *` first. gRPC is served over HTTP/2 only.

        | endpoint | TLS required | clear text | upgraded on first request | upgraded after 426 | direct TLS | TestHost http | TestHost https |
        |---|---|---|---|---|---|---|---|

        """;

    private UpgradeServer _server = null!;
    private WebApplication _testHost = null!;
    private HttpClient _http2 = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await UpgradeServer.StartAsync(services: EndpointKinds.AddServices, app: EndpointKinds.Map);
        var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        _http2 = new HttpClient(handler);

        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseTestServer();
        builder.Services.AddRoutingCore().AddTlsUpgrade();
        builder.Services.AddLogging();
        EndpointKinds.AddServices(builder.Services);
        _testHost = builder.Build();
        EndpointKinds.Map(_testHost);
        await _testHost.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _http2.Dispose();
        await _testHost.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task S33_EveryKindOfEndpoint_IsAsInTheTable()
    {
        var table = new StringBuilder(Head);
        foreach (var kind in EndpointKinds.All)
        {
            var clear = await InClearTextAsync(kind);
            var overTls = new[]
            {
                await UpgradedAsync(kind, after426: false),
                await UpgradedAsync(kind, after426: true),
                await DirectTlsAsync(kind),
            };
            var (testHttp, testHttps) = (await TestHostAsync(kind, "http"), await TestHostAsync(kind, "https"));
            table.Append($"| {kind.Name} | {(kind.IsRequired ? "yes" : "no")} | {clear} | ")
                .AppendJoin(" | ", overTls).Append($" | {testHttp} | {testHttps} |\n");

            Assert.Equal($"{kind}: {(kind.IsRequired ? "426 `TLS/1.3, TLS/1.2, HTTP/1.1`, not run" : "200, ran")}", $"{kind}: {clear}");
            Assert.All(
                [.. kind.IsGrpc ? overTls[2..] : overTls, testHttps],
                cell => Assert.Equal($"{kind}: 200, ran", $"{kind}: {cell}"));
        }

        var expected = await File.ReadAllTextAsync(
            Path.Combine(AppContext.BaseDirectory, "Conformance", "RequiredEndpointTable.md"), TestContext.Current.CancellationToken);
        Assert.True(expected == table.ToString(), $"The table has changed:\n{table}");
    }

    private async Task<string> InClearTextAsync(EndpointKind kind)
    {
        await using var connection = await _server.ConnectAsync();
        return await AskAsync(connection, kind);
    }

    private async Task<string> UpgradedAsync(EndpointKind kind, bool after426)
    {
        await using var connection = await _server.ConnectAsync();
        if (after426)
        {
            await AskAsync(connection, kind);
        }

        if (kind.Method is "GET")
        {
            var before = Calls;
            await connection.UpgradeAsync(Request(target: kind.Target));
            return Describe(kind, await connection.ReadResponseAsync(), before);
        }

        await connection.UpgradeAsync(Request("OPTIONS", "*"));
        await connection.ReadResponseAsync();
        return await AskAsync(connection, kind);
    }

    private async Task<string> AskAsync(RawConnection connection, EndpointKind kind)
    {
        var before = Calls;
        var length = kind.Method is "POST" ? "Content-Length: 0\r\n" : "";
        await connection.SendAsync($"{kind.Method} {kind.Target} HTTP/1.1\r\nHost: localhost\r\n{length}\r\n");
        return Describe(kind, await connection.ReadResponseAsync(), before);
    }

    private async Task<string> DirectTlsAsync(EndpointKind kind)
    {
        var before = Calls;
        return await DescribeAsync(kind, _http2, HttpVersion.Version20, $"https://localhost:{_server.Port}{kind.Target}", () => Calls - before);
    }

    private async Task<string> TestHostAsync(EndpointKind kind, string scheme)
    {
        var calls = _testHost.Services.GetRequiredService<HandlerCalls>();
        var before = calls.Count;
        using var client = _testHost.GetTestClient();
        var version = kind.IsGrpc ? HttpVersion.Version20 : HttpVersion.Version11;
        return await DescribeAsync(kind, client, version, $"{scheme}://localhost{kind.Target}", () => calls.Count - before);
    }

    private int Calls => _server.Services.GetRequiredService<HandlerCalls>().Count;

    private static async Task<string> DescribeAsync(
        EndpointKind kind, HttpClient client, Version version, string uri, Func<int> countCalls)
    {
        using var request = new HttpRequestMessage(new(kind.Method), uri)
        {
            Version = version,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        if (kind.IsGrpc)
        {
            request.Content = new ByteArrayContent([0, 0, 0, 0, 0]) { Headers = { ContentType = new("application/grpc") } };
        }

        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        var content = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return Describe(kind, (int)response.StatusCode, string.Join(", ", response.Headers.Upgrade), content, countCalls());
    }

    private string Describe(EndpointKind kind, RawResponse response, int before) =>
        Describe(kind, response.Status, response["Upgrade"], response.Content, Calls - before);

    private static string Describe(EndpointKind kind, int status, string? upgrade, string content, int calls)
    {
        var hasRun = kind.Answer is { } answer ? content.Contains(answer, StringComparison.Ordinal) : calls > 0;
        return $"{status}{(string.IsNullOrEmpty(upgrade) ? "" : $" `{upgrade}`")}, {(hasRun ? "ran" : "not run")}";
    }
}
