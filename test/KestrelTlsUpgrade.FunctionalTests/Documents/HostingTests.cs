extern alias QuickStart;

using System.Net;
using System.Text.RegularExpressions;
using Grpc.Core;
using Grpc.Net.Client;
using KestrelTlsUpgrade.Client;
using KestrelTlsUpgrade.FunctionalTests.Combinations;
using KestrelTlsUpgrade.FunctionalTests.Samples;
using KestrelTlsUpgrade.TestApp;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using static KestrelTlsUpgrade.Testing.RawConnectionUpgradeExtensions;
using Program = QuickStart::Program;

namespace KestrelTlsUpgrade.FunctionalTests.Documents;

/// <summary>The code of Hosting.md, compiled here and run. Each block of the page is between two comments below.</summary>
public sealed partial class HostingTests : IDisposable
{
    private const string Secret = "This page is served over TLS only.";

    private readonly CertificateFiles _files = new();

    [Fact]
    public async Task Testing_WithoutSockets()
    {
        // snippet
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseTestServer();
        builder.WebHost.UseTlsUpgrade();
        // end
        await using var app = builder.Build();
        app.MapGet("/secret", () => Secret).RequireTlsUpgrade();
        await app.StartAsync(TestContext.Current.CancellationToken);
        using (var inClearText = app.GetTestClient())
        {
            using var refused = await inClearText.GetAsync("/secret", TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.UpgradeRequired, refused.StatusCode);
        }

        // snippet
        using var client = app.GetTestClient();
        client.BaseAddress = new Uri("https://localhost");
        Assert.Contains("over TLS only", await client.GetStringAsync("/secret"));
        // end
    }

    [Fact]
    public async Task Testing_WithAFactory()
    {
        // snippet
        await using var factory = new WebApplicationFactory<Program>();
        factory.UseKestrel(port: 0);
        factory.StartServer();

        using var client = new HttpClient(new TlsUpgradeHttpHandler(new TlsUpgradeClientOptions
        {
            SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true },
        }));
        client.BaseAddress = factory.ClientOptions.BaseAddress;
        using var response = await client.GetAsync("/secret");
        Assert.True(response.GetTlsUpgradeInfo().IsUpgraded);
        // end
        Assert.StartsWith(Secret, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Slim()
    {
        // snippet
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseTlsUpgrade();
        // end
        await using var app = builder.Build();
        app.MapGet("/secret", () => Secret).RequireTlsUpgrade();
        await StartAsync(app);
        Assert.Equal(Secret, await GetUpgradedAsync(app));
        Assert.Equal(Secret, await GetDirectlyAsync(app));
    }

    [Fact]
    public async Task Grpc()
    {
        // snippet
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseTlsUpgrade();
        builder.Services.AddGrpc();

        var app = builder.Build();
        app.MapGrpcService<EchoService>().RequireTlsUpgrade();
        // end
        await using (app)
        {
            await StartAsync(app);
            using var handler = new SocketsHttpHandler();
            handler.SslOptions.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
            using var channel = GrpcChannel.ForAddress($"https://127.0.0.1:{PortOf(app)}", new() { HttpHandler = handler });
            using var call = channel.CreateCallInvoker().AsyncUnaryCall(
                EchoContract.Method, null, new CallOptions(cancellationToken: TestContext.Current.CancellationToken), "hello");
            Assert.Equal("DirectTls hello", await call);
        }
    }

    [Fact]
    public async Task Hsts()
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseTlsUpgrade();
        builder.Services.AddHsts(static options => options.ExcludedHosts.Clear());
        await using var app = builder.Build();
        // snippet
        app.UseHsts();
        // end
        app.MapGet("/", static () => "");
        await StartAsync(app);
        await using var connection = await RawConnection.OpenAsync(new IPEndPoint(IPAddress.Loopback, PortOf(app)));
        await connection.SendAsync("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.Null((await connection.ReadResponseAsync())["Strict-Transport-Security"]);
        await connection.UpgradeAsync(Request(target: "/"));
        Assert.NotNull((await connection.ReadResponseAsync())["Strict-Transport-Security"]);
    }

    /// <summary>The proxy takes the upgrade itself. The service behind it sees a proxy, and offers of its clients do not get there.</summary>
    [Fact]
    public async Task Yarp()
    {
        await using var service = await UpgradeServer.StartAsync();
        var settings = new Dictionary<string, string?>
        {
            ["ReverseProxy:Routes:all:ClusterId"] = "service",
            ["ReverseProxy:Routes:all:Match:Path"] = "{**path}",
            ["ReverseProxy:Clusters:service:Destinations:one:Address"] = $"http://127.0.0.1:{service.Port}/",
        };
        // snippet
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseTlsUpgrade();
        builder.Services.AddReverseProxy().LoadFromConfig(builder.Configuration.GetSection("ReverseProxy"));

        var app = builder.Build();
        app.MapReverseProxy().RequireTlsUpgrade();
        // end
        await using (app)
        {
            ((IConfigurationBuilder)app.Configuration).AddInMemoryCollection(settings);
            await StartAsync(app);
            var answer = await GetUpgradedAsync(app);
            Assert.StartsWith("GET /secret", answer, StringComparison.Ordinal);
            Assert.Contains("state=Plaintext", answer);
            await using var connection = await RawConnection.OpenAsync(new IPEndPoint(IPAddress.Loopback, PortOf(app)));
            await connection.SendAsync("GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n");
            Assert.Equal(426, (await connection.ReadResponseAsync()).Status);
        }
    }

    /// <summary>What the page's containers set, of a program that is not in Development, with the files where Kubernetes would put them.</summary>
    [Theory]
    [InlineData("docker")]
    [InlineData("kubernetes")]
    public async Task Container_FindsItsCertificate(string kind)
    {
        var page = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Hosting.md"), TestContext.Current.CancellationToken);
        var settings = (kind == "docker" ? DockerSetting() : KubernetesSetting()).Matches(page)
            .ToDictionary(static match => match.Groups[1].Value, static match => match.Groups[2].Value);
        Assert.Equal(["TlsUpgrade__Certificate__KeyPath", "TlsUpgrade__Certificate__Path"], settings.Keys.Where(static name => name.StartsWith("Tls", StringComparison.Ordinal)).Order());
        _files.WritePem("tls.crt", TestCertificates.Server);
        _files.WriteKey("tls.key", TestCertificates.Server);
        await using var sample = await SampleProcess.StartAsync(
            "QuickStart",
            [
                "--environment=Production", "--Kestrel:Endpoints:Web:Url=http://127.0.0.1:0",
                .. settings.Where(static setting => setting.Key.StartsWith("Tls", StringComparison.Ordinal)).Select(setting =>
                    $"--{setting.Key.Replace("__", ":", StringComparison.Ordinal)}={setting.Value.Replace("/tls/", _files.GetPath("") + "/", StringComparison.Ordinal)}"),
            ]);
        using var client = TestClient.Create();
        Assert.StartsWith(Secret, await client.GetStringAsync($"http://localhost:{sample.Port}/secret", TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    public void Dispose() => _files.Dispose();

    /// <summary>Every block of code on the page is one of those above.</summary>
    [Fact]
    public async Task Page_HasTheCodeThatRuns()
    {
        var page = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Hosting.md"), TestContext.Current.CancellationToken);
        var source = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Documents", "HostingTests.txt"), TestContext.Current.CancellationToken);
        var run = Snippet().Matches(source).Select(static match => Unindent(match.Groups[1].Value)).ToArray();
        var shown = Block().Matches(page).Select(static match => match.Groups[1].Value.Trim()).ToArray();
        Assert.Equal(run, shown);
    }

    private static string Unindent(string code)
    {
        var lines = code.TrimEnd().Split('\n');
        var indent = lines.Where(static line => line.Length > 0).Min(static line => line.Length - line.TrimStart().Length);
        return string.Join('\n', lines.Select(line => line.Length > 0 ? line[indent..] : line)).Trim();
    }

    private async Task StartAsync(WebApplication app)
    {
        ((IConfigurationBuilder)app.Configuration).AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["TlsUpgrade:Certificate:Path"] = _files.WritePem("server.crt", TestCertificates.Server),
            ["TlsUpgrade:Certificate:KeyPath"] = _files.WriteKey("server.key", TestCertificates.Server),
        });
        app.Urls.Add("http://127.0.0.1:0");
        await app.StartAsync(TestContext.Current.CancellationToken);
    }

    private static int PortOf(WebApplication app) => new Uri(app.Urls.First()).Port;

    private static async Task<string> GetUpgradedAsync(WebApplication app)
    {
        using var client = TestClient.Create(configure: static options => options.SslOptions = new() { RemoteCertificateValidationCallback = static (_, _, _, _) => true });
        return await client.GetStringAsync($"http://localhost:{PortOf(app)}/secret", TestContext.Current.CancellationToken);
    }

    private static async Task<string> GetDirectlyAsync(WebApplication app)
    {
        using var handler = new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = static (_, _, _, _) => true } };
        using var client = new HttpClient(handler) { DefaultRequestVersion = HttpVersion.Version20 };
        return await client.GetStringAsync($"https://localhost:{PortOf(app)}/secret", TestContext.Current.CancellationToken);
    }

    [GeneratedRegex(@"^ *// snippet\n(.*?)^ *// end\n", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Snippet();

    [GeneratedRegex("^```csharp\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"-e (\w+)=(\S+)")]
    private static partial Regex DockerSetting();

    [GeneratedRegex(@"name: (\w+)\n\s+value: (\S+)")]
    private static partial Regex KubernetesSetting();
}
