using System.Net;
using System.Text.Json;
using KestrelTlsUpgrade.FunctionalTests.Combinations;
using KestrelTlsUpgrade.Report;
using KestrelTlsUpgrade.Report.Internal.Settings;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace KestrelTlsUpgrade.FunctionalTests.Report;

/// <summary>The settings of the report, from the configuration and from code.</summary>
public sealed class ReportOptionsTests
{
    private const string Credentials = "Authorization: Counting x\r\n";

    [Fact]
    public async Task Section_IsRead_AndCodeGoesOverIt()
    {
        await using var server = await StartAsync(
            ["TlsUpgradeReport:ExpectedProducts:0=kube-probe", "TlsUpgradeReport:ExpectedProducts:1=Prometheus", "TlsUpgradeReport:ExpectedNetworks=10.0.0.0/8"],
            static options => options.ExpectedNetworks.Add(IPNetwork.Parse("2001:db8::/32")));
        var options = server.Services.GetRequiredService<IOptions<TlsUpgradeReportOptions>>().Value;
        Assert.Equal(["kube-probe", "Prometheus"], options.ExpectedProducts);
        Assert.Equal(["10.0.0.0/8", "2001:db8::/32"], options.ExpectedNetworks.Select(static network => network.ToString()));
        Assert.Equal((null, null), (options.AddressPolicy, options.Folder));
    }

    [Fact]
    public void Keys_AreTheOptions() => Assert.Equal(
        typeof(TlsUpgradeReportOptions).GetProperties().Select(static property => property.Name).Order(), ReportSection.Keys.Order());

    [Theory]
    [InlineData("TlsUpgradeReport:ExpectedProduct=x", "TlsUpgradeReport:ExpectedProduct is not a setting. Did you mean ExpectedProducts?")]
    [InlineData("TlsUpgradeReport:ExpectedProducts=a b", "TlsUpgradeReport:ExpectedProducts is 'a b'. Use a product of User-Agent without its version, such as CUPS.")]
    [InlineData("TlsUpgradeReport:ExpectedNetworks=10/8", "TlsUpgradeReport:ExpectedNetworks is '10/8'. Use a network, such as 10.1.0.0/16.")]
    [InlineData("TlsUpgradeReport:Folder:Path=/x", "TlsUpgradeReport:Folder is not a single value.")]
    [InlineData("TlsUpgradeReport:Folder=", "Folder is not a path.")]
    [InlineData("TlsUpgradeReport:AddressPolicy= ", "AddressPolicy is empty.")]
    [InlineData("TlsUpgradeReport:AddressPolicy=nobody", "TlsUpgradeReport:AddressPolicy is 'nobody', and the application has no authorization policy of that name.")]
    [InlineData("TlsUpgradeReport=yes", "TlsUpgradeReport is 'yes'. Use a section with")]
    public async Task Section_ThatMakesNoSense_FailsTheStart(string setting, string expected)
    {
        var failure = await Assert.ThrowsAnyAsync<OptionsValidationException>(() => StartAsync([setting]));
        Assert.Contains(expected, failure.Message);
    }

    /// <summary>The report is refused even where it is never mapped: the owner relies on its settings.</summary>
    [Fact]
    public async Task Section_ThatMakesNoSense_FailsTheStartWithoutAReport() => await Assert.ThrowsAnyAsync<OptionsValidationException>(
        () => StartAsync(["TlsUpgradeReport:Unheard=x"], map: static _ => { }));

    [Fact]
    public async Task Code_ThatMakesNoSense_FailsTheStart()
    {
        var failure = await Assert.ThrowsAnyAsync<OptionsValidationException>(() => StartAsync([], static options => options.ExpectedProducts.Add("curl/8")));
        Assert.Contains("ExpectedProducts contains 'curl/8'.", failure.Message);
    }

    [Fact]
    public void Nothing_IsRefused()
    {
        Assert.Throws<ArgumentNullException>(() => new ServiceCollection().AddTlsUpgradeReport(null!));
        Assert.Throws<ArgumentNullException>(() => TlsUpgradeReportServiceCollectionExtensions.AddTlsUpgradeReport(null!, static _ => { }));
    }

    [Fact]
    public async Task Expected_AreMarked_AndMeetNoStep()
    {
        await using var server = await StartAsync(
            ["TlsUpgradeReport:ExpectedProducts=prometheus", "TlsUpgrade:Requirement=ReportOnly"]);
        Assert.Equal(200, await GetStatusAsync(server, "/secret", "User-Agent: Prometheus/2.53.0\r\n"));
        var report = ReportServer.Read(server);
        Assert.True(Assert.Single(report.Callers.All).IsExpected);
        Assert.True(report.Advice[0].MeetsNobody);
        Assert.StartsWith("Nobody but Prometheus (expected) came in clear text to what requires TLS for 0 minutes only:", report.Advice[0].Summary);
        var page = await GetAsync(server, "/tls?format=html");
        Assert.Contains("nobody in the last day; 1 expected", page);
        Assert.Equal(200, await GetStatusAsync(server, "/secret", "User-Agent: till/2\r\n"));
        report = ReportServer.Read(server);
        Assert.False(report.Advice[0].MeetsNobody);
        Assert.StartsWith("1 caller would be refused on /secret: till/2.", report.Advice[0].Summary);
    }

    [Fact]
    public async Task Addresses_AreForThoseWhoAskAndMeetThePolicy()
    {
        await using var server = await StartAsync(["TlsUpgradeReport:AddressPolicy=privacy"]);
        Assert.Equal(404, await GetStatusAsync(server, "/nowhere", "User-Agent: till/2\r\n"));
        Assert.Null(await ReadAddressesAsync(server, "", Credentials));
        Assert.Null(await ReadAddressesAsync(server, "?addresses=true", ""));
        Assert.Null(await ReadAddressesAsync(server, "?addresses=false", Credentials));
        Assert.Null(await ReadAddressesAsync(server, "?addresses=true&addresses=true", Credentials));
        Assert.Equal(["127.0.0.1"], (await ReadAddressesAsync(server, "?addresses=true", Credentials))!);
        Assert.Contains("127.0.0.1<", await GetAsync(server, "/tls?format=html&addresses=true", Credentials));
        Assert.DoesNotContain("127.0.0.1<", await GetAsync(server, "/tls?format=html&addresses=true"));
    }

    [Fact]
    public async Task Addresses_OfAPolicyThatLetsNobodyIn_AreForNobody()
    {
        await using var server = await StartAsync(["TlsUpgradeReport:AddressPolicy=ops"]);
        await GetStatusAsync(server, "/nowhere", "User-Agent: till/2\r\n");
        Assert.Null(await ReadAddressesAsync(server, "?addresses=true", Credentials));
    }

    /// <summary>Whoever sees everything in Development still has no addresses, and none are kept.</summary>
    [Fact]
    public async Task Addresses_WithoutAPolicy_AreForNobody()
    {
        await using var server = await StartAsync([]);
        await GetStatusAsync(server, "/nowhere", "User-Agent: till/2\r\n");
        Assert.Null(await ReadAddressesAsync(server, "?addresses=true", Credentials));
        Assert.All(
            server.Services.GetRequiredService<KestrelTlsUpgrade.Report.Internal.Collecting.ReportCollector>().Callers.All,
            static caller => Assert.Null(caller.Addresses));
    }

    private static Task<UpgradeServer> StartAsync(
        string[] settings, Action<TlsUpgradeReportOptions>? configure = null, Action<WebApplication>? map = null) => UpgradeServer.StartAsync(
        builder =>
        {
            builder.Configuration.AddInMemoryCollection(settings.Select(static setting => setting.Split('=', 2))
                .ToDictionary(static pair => pair[0], static string? (pair) => pair[1]));
            builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(
                IPAddress.Loopback, 0, static listen => listen.UseTlsUpgrade(static options => options.Https.ServerCertificate = TestCertificates.Server)));
            builder.Services.AddTlsUpgradeReport(configure ?? (static _ => { }));
            builder.Services.AddSingleton(new Counter());
            builder.Services.AddAuthentication(CountingAuthenticationHandler.SchemeName)
                .AddScheme<AuthenticationSchemeOptions, CountingAuthenticationHandler>(CountingAuthenticationHandler.SchemeName, null);
            builder.Services.AddAuthorizationBuilder()
                .AddPolicy("privacy", static policy => policy.RequireAuthenticatedUser())
                .AddPolicy("ops", static policy => policy.RequireRole("ops"));
        },
        app =>
        {
            (map ?? (static app => app.MapTlsUpgradeReport()))(app);
            app.MapGet("/secret", UpgradeServer.DescribeAsync).RequireTlsUpgrade();
        },
        "Development");

    private static async Task<string[]?> ReadAddressesAsync(UpgradeServer server, string query, string fields)
    {
        using var json = JsonDocument.Parse(await GetAsync(server, $"/tls{query}", fields));
        var caller = json.RootElement.GetProperty("callers").GetProperty("all").EnumerateArray().Single(static caller => caller.GetProperty("product").GetString() is "till/2");
        return caller.TryGetProperty("addresses", out var addresses) ? [.. addresses.EnumerateArray().Select(static address => address.GetString()!)] : null;
    }

    private static async Task<int> GetStatusAsync(UpgradeServer server, string target, string fields)
    {
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync($"GET {target} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n");
        return (await connection.ReadResponseAsync()).Status;
    }

    private static async Task<string> GetAsync(UpgradeServer server, string target, string fields = "")
    {
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync($"GET {target} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n");
        return (await connection.ReadResponseAsync()).Content;
    }
}
