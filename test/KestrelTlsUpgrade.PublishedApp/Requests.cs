using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using KestrelTlsUpgrade.Client;
using KestrelTlsUpgrade.Tool;
using KestrelTlsUpgrade.Tool.CommandLine;

namespace KestrelTlsUpgrade.PublishedApp;

/// <summary>One request of each kind, with the answer that it has to get.</summary>
internal sealed class Requests(string certificate, int server, int proxy)
{
    private readonly string _origin = $"localhost:{server}";

    public async Task<bool> RunAsync()
    {
        using var factory = CreateClients();
        using var plain = factory.GetRequiredService<IHttpClientFactory>().CreateClient("plain");
        using var upgrading = factory.GetRequiredService<IHttpClientFactory>().CreateClient("upgrading");
        using var tunnelled = factory.GetRequiredService<IHttpClientFactory>().CreateClient("tunnelled");
        var http2 = await GetAsync(plain, $"https://{_origin}/secret");
        var refused = await GetAsync(plain, $"http://{_origin}/secret");
        var upgraded = await GetAsync(upgrading, $"http://{_origin}/attribute");
        var acrossProxy = await GetAsync(tunnelled, $"http://{_origin}/secret");
        var document = await GetAsync(plain, $"http://{_origin}/openapi/v1.json");
        var health = await GetAsync(plain, $"http://{_origin}/health");
        var report = await GetAsync(plain, $"http://{_origin}/tls?format=json");
        var page = await GetAsync(plain, $"http://{_origin}/tls?format=html");
        var (probeExit, probe) = await RunToolAsync("probe", $"http://{_origin}/", "--cacert", certificate);
        var (_, probeJson) = await RunToolAsync("probe", $"http://{_origin}/", "--cacert", certificate, "--json");
        var (getExit, get) = await RunToolAsync("get", $"http://{_origin}/secret", "--cacert", certificate);
        return Expect("direct TLS", http2, HttpStatusCode.OK, "DirectTls HTTP/2")
            & Expect("refusal in clear text", refused, HttpStatusCode.UpgradeRequired, "\"Upgrade Required\"")
            & Expect("upgrade", upgraded, HttpStatusCode.OK, "Upgraded HTTP/1.1")
            & Expect("upgrade across the tunnel", acrossProxy, HttpStatusCode.OK, "Upgraded HTTP/1.1")
            & Expect("how the tunnel shows", $"tunnelled: {acrossProxy.Tls.IsTunnelled}", "tunnelled: True")
            & Expect("OpenAPI", document, HttpStatusCode.OK, "\"426\"")
            & Expect("health check", health, HttpStatusCode.OK, "Healthy")
            & Expect("report", report, HttpStatusCode.OK, "\"generatedAt\"")
            & Expect("page of the report", page, HttpStatusCode.OK, "</html>")
            & Expect("tls-upgrade probe", $"{probeExit}: {probe}", "0: ")
            & Expect("tls-upgrade probe --json", ReadVerdict(probeJson), "upgrades")
            & Expect("tls-upgrade get", $"{getExit}: {get}", "0: Upgraded HTTP/1.1");
    }

    private static string ReadVerdict(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.GetProperty("verdict").GetString() ?? "";
    }

    private static async Task<Answer> GetAsync(HttpClient client, string uri)
    {
        using var response = await client.GetAsync(new Uri(uri));
        return new Answer(response.StatusCode, await response.Content.ReadAsStringAsync(), response.GetTlsUpgradeInfo());
    }

    private static async Task<(int ExitCode, string Output)> RunToolAsync(params string[] arguments)
    {
        using var content = new MemoryStream();
        await using var output = new StringWriter();
        await using var error = new StringWriter();
        var exitCode = await ToolProgram.RunAsync(arguments, new ToolConsole(output, error, content, Stream.Null));
        return (exitCode, $"{output}{error}{Encoding.UTF8.GetString(content.ToArray())}");
    }

    private static bool Expect(string name, Answer answer, HttpStatusCode status, string content) =>
        Expect(name, $"{(int)answer.Status} {answer.Content}", $"{(int)status} ", content);

    private static bool Expect(string name, string actual, params string[] parts)
    {
        var isRight = parts.All(part => actual.Contains(part, StringComparison.Ordinal));
        Console.WriteLine(isRight ? $"  {name}" : $"  {name}: WRONG, expected {string.Join(" and ", parts)}, got {actual}");
        return isRight;
    }

    private ServiceProvider CreateClients()
    {
        var services = new ServiceCollection();
        services.AddHttpClient("plain")
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { UseProxy = false, SslOptions = Trusting(certificate) });
        services.AddHttpClient("upgrading").UseTlsUpgrade(options =>
        {
            options.SslOptions = Trusting(certificate);
            options.ConfigureHandler = handler => handler.UseProxy = false;
        });
        services.AddHttpClient("tunnelled").UseTlsUpgrade(options =>
        {
            options.SslOptions = Trusting(certificate);
            options.ConfigureHandler = handler => handler.Proxy = new WebProxy("localhost", proxy);
        });
        services.ConfigureHttpClientDefaults(static client => client.ConfigureHttpClient(static one =>
        {
            one.DefaultRequestVersion = HttpVersion.Version20;
            one.Timeout = TimeSpan.FromMinutes(1);
        }));
        return services.BuildServiceProvider();
    }

    private static SslClientAuthenticationOptions Trusting(string certificate) => new()
    {
        CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            CustomTrustStore = { X509CertificateLoader.LoadCertificateFromFile(certificate) },
            RevocationMode = X509RevocationMode.NoCheck,
        },
    };

    private sealed record Answer(HttpStatusCode Status, string Content, TlsUpgradeInfo Tls);
}
