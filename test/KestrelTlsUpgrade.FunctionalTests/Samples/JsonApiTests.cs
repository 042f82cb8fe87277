using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using KestrelTlsUpgrade.Testing;
using static KestrelTlsUpgrade.Testing.RawConnectionUpgradeExtensions;

namespace KestrelTlsUpgrade.FunctionalTests.Samples;

/// <summary>What the JSON API promises on the wire.</summary>
public sealed class JsonApiTests(JsonApiTests.SharedApi shared) : IClassFixture<JsonApiTests.SharedApi>
{
    private const string Jobs = "/administration/jobs";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private static readonly X509Certificate2 Administrator = TestCertificates.Client;
    private static readonly X509Certificate2 Stranger = TestCertificates.Create("client", ClientAuthentication);

    [Fact]
    public async Task Office_StatusReport_TakenInClearTextAndToldOfTheUpgradeOnce()
    {
        await using var connection = await RawConnection.OpenAsync(shared.Api.Office);
        var report = await AskAsync(connection, Post("/printers/lobby/status", "application/json", """{"state":"Stopped","tonerPercent":7}"""));
        Assert.Equal((204, "TLS/1.3, TLS/1.2, HTTP/1.1"), (report.Status, report["Upgrade"]));
        var printers = await AskAsync(connection, Get("/printers"));
        Assert.Null(printers["Upgrade"]);
        var lobby = JsonNode.Parse(printers.Content)!.AsArray().Single(printer => printer!["printer"]!.GetValue<string>() == "lobby")!;
        Assert.Equal("Stopped", lobby["report"]!["state"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("lobby", """{"state":"Stopped","tonerPercent":101}""", 400)]
    [InlineData("lobby", """{"tonerPercent":1}""", 400)]
    [InlineData("lobby", """{"state":"Running"}""", 400)]
    [InlineData("cellar", """{"state":"Idle"}""", 404)]
    public async Task Office_ReportThatCannotBeTaken_ProblemDetails(string printer, string report, int status)
    {
        await using var connection = await RawConnection.OpenAsync(shared.Api.Office);
        var refused = await AskAsync(connection, Post($"/printers/{printer}/status", "application/json", report));
        Assert.Equal((status, "application/problem+json"), (refused.Status, refused["Content-Type"]));
    }

    [Fact]
    public async Task Office_Document_RefusedInClearTextAndTakenOnTheSameConnection()
    {
        await using var connection = await RawConnection.OpenAsync(shared.Api.Office);
        var document = Post("/printers/lobby/jobs?owner=mary", "application/pdf", "Dear Mary");
        var refused = await AskAsync(connection, document);
        Assert.Equal((426, "TLS/1.3, TLS/1.2, HTTP/1.1"), (refused.Status, refused["Upgrade"]));
        Assert.Equal("0", (await AskAsync(connection, Get("/jobs/waiting"))).Content);

        await connection.UpgradeAsync(Request("OPTIONS", "*"));
        Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
        var taken = await AskAsync(connection, document);
        Assert.Equal(201, taken.Status);
        var job = new Uri(taken["Location"]!);
        Assert.Equal(Uri.UriSchemeHttps, job.Scheme);
        Assert.Equal("Dear Mary", (await AskAsync(connection, Get($"{job.AbsolutePath}/document"))).Content);
        Assert.Equal("1", (await AskAsync(connection, Get("/jobs/waiting"))).Content);

        await using var inClearText = await RawConnection.OpenAsync(shared.Api.Office);
        Assert.Equal(426, (await AskAsync(inClearText, Get(job.AbsolutePath))).Status);
    }

    [Theory]
    [InlineData("/printers")]
    [InlineData("/jobs/waiting")]
    [InlineData("/nothing")]
    [InlineData(Jobs)]
    public async Task Administration_InClearText_EverythingRefused(string target)
    {
        await using var connection = await RawConnection.OpenAsync(shared.Api.Administration);
        Assert.Equal(426, (await AskAsync(connection, Get(target, host: "office"))).Status);
    }

    [Theory]
    [InlineData(nameof(Administrator), 200)]
    [InlineData(nameof(Stranger), 403)]
    [InlineData("nobody", 403)]
    public async Task Administration_AfterUpgrade_LaterRequestsHaveTheCertificateAndTheReplayedOneHasNot(string client, int status)
    {
        await using var connection = await UpgradeAsync(shared.Api.Administration, Request(target: Jobs, token: HintedToken), Certificate(client));
        var replayed = await connection.ReadResponseAsync();
        Assert.Equal(403, replayed.Status);
        Assert.Contains("received in clear text", JsonNode.Parse(replayed.Content)!["detail"]!.GetValue<string>());
        var later = await AskAsync(connection, Get(Jobs));
        Assert.Equal(status, later.Status);
        Assert.DoesNotContain("received in clear text", later.Content);
    }

    [Theory]
    [InlineData(nameof(Administrator), 200)]
    [InlineData(nameof(Stranger), 403)]
    [InlineData("nobody", 403)]
    public async Task Administration_DirectTls_ByCertificate(string client, int status)
    {
        Assert.Equal(status, (int)(await GetDirectlyAsync(shared.Api.Administration, Jobs, Certificate(client))).StatusCode);
    }

    [Fact]
    public async Task Administration_NoFingerprints_NobodyIsLetIn()
    {
        await using var api = await JsonApi.StartAsync();
        await using var connection = await UpgradeAsync(api.Administration, Request("OPTIONS", "*", token: HintedToken), Administrator);
        Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
        Assert.Equal(403, (await AskAsync(connection, Get(Jobs))).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await GetDirectlyAsync(api.Administration, Jobs, Administrator)).StatusCode);
    }

    [Fact]
    public async Task Administration_FingerprintThatIsNone_DoesNotStart() => Assert.Contains(
        "Administration:Fingerprints",
        (await Assert.ThrowsAsync<InvalidOperationException>(() => JsonApi.StartAsync("C6:28:6B"))).Message);

    [Fact]
    public async Task Administration_ClientThatDoesNotSayThatItKnows_NotServed()
    {
        await using var connection = await RawConnection.OpenAsync(shared.Api.Administration);
        await connection.SendAsync(Request(target: Jobs));
        Assert.Equal(426, (await connection.ReadResponseAsync()).Status);
        await connection.SendAsync(Request(target: Jobs, token: HintedToken));
        Assert.Equal(101, (await connection.ReadResponseAsync()).Status);
        Assert.Equal(120, await connection.StartTlsRefusedAsync());
    }

    [Fact]
    public async Task Office_AdministrationByUpgradeOrDirectTls_Refused()
    {
        await using var connection = await UpgradeAsync(shared.Api.Office, Request("OPTIONS", "*", token: HintedToken), Administrator);
        Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
        Assert.Equal(403, (await AskAsync(connection, Get(Jobs, host: shared.Api.Administration.ToString()))).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await GetDirectlyAsync(shared.Api.Office, Jobs, Administrator)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await GetDirectlyAsync(shared.Api.Office, "/jobs/waiting", Administrator)).StatusCode);
    }

    private static X509Certificate2? Certificate(string client) => client switch
    {
        nameof(Administrator) => Administrator,
        nameof(Stranger) => Stranger,
        _ => null,
    };

    private static string Get(string target, string host = "localhost") => $"GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n";

    private static string Post(string target, string type, string content) =>
        $"POST {target} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {type}\r\nContent-Length: {content.Length}\r\n\r\n{content}";

    private static async Task<RawResponse> AskAsync(RawConnection connection, string request)
    {
        await connection.SendAsync(request);
        return await connection.ReadResponseAsync();
    }

    /// <summary>Upgrades as a client that says that it knows of it.</summary>
    private static async Task<RawConnection> UpgradeAsync(IPEndPoint endPoint, string request, X509Certificate2? certificate)
    {
        var connection = await RawConnection.OpenAsync(endPoint);
        await connection.SendAsync(request);
        Assert.Equal(101, (await connection.ReadResponseAsync()).Status);
        await connection.StartTlsAsync(
            alpn: BoundMark.ProtocolsFor(request),
            configure: tls =>
            {
                tls.ClientCertificates = certificate is null ? null : [certificate];

                // Both endpoints show one certificate, so the session of one, with its client certificate, resumes at the other.
                tls.AllowTlsResume = false;
            });
        return connection;
    }

    private static async Task<HttpResponseMessage> GetDirectlyAsync(IPEndPoint endPoint, string target, X509Certificate2? certificate)
    {
        using var handler = new SocketsHttpHandler { UseProxy = false };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        handler.SslOptions.ClientCertificates = certificate is null ? null : [certificate];
        using var client = new HttpClient(handler) { Timeout = RawConnection.Patience };
        using var request = new HttpRequestMessage(HttpMethod.Get, $"https://{endPoint}{target}") { Version = HttpVersion.Version20 };
        var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpVersion.Version20, response.Version);
        return response;
    }

    /// <summary>One that lets the administrator in.</summary>
    public sealed class SharedApi : IAsyncLifetime
    {
        internal JsonApi Api { get; private set; } = null!;

        public async ValueTask InitializeAsync() =>
            Api = await JsonApi.StartAsync(Administrator.GetCertHashString(HashAlgorithmName.SHA256));

        public ValueTask DisposeAsync() => Api.DisposeAsync();
    }
}
