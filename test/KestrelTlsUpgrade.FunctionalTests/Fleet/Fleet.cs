using System.Globalization;
using System.Net;
using System.Net.Security;
using KestrelTlsUpgrade.Client;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.FunctionalTests.Fleet;

/// <summary>Twelve kinds of callers of one service: programs of others, and clients of this project.</summary>
internal sealed class Fleet : IAsyncDisposable
{
    /// <summary>What somebody asks for who only connects.</summary>
    public const string NoPath = "";

    /// <summary>What our client says it is when it asks for nothing but the upgrade.</summary>
    public const string OwnProduct = "KestrelTlsUpgrade.Client";

    private readonly OfferingClients _offering;
    private readonly ChromiumPage _browser;
    private readonly List<HttpClient> _kept = [];

    private Fleet(OfferingClients offering, ChromiumPage browser)
    {
        (_offering, _browser) = (offering, browser);
        Callers =
        [
            Offering("Apache HttpClient 5.4.1, trusts the certificate", "Apache-HttpClient", CertificateCheck.Trusting, "localhost", "/status", "/jobs"),
            Offering("the same, does not trust it", "Orders", CertificateCheck.Distrusting, "localhost", "/status") with { FailsOverTls = true },
            Offering("the same, calls by an address that the certificate does not name", "Stock", CertificateCheck.Trusting, "127.0.0.1", "/status") with
            {
                FailsOverTls = true,
            },
            Offering("the same, calls by address and checks the name last", "Reports", CertificateCheck.After, "127.0.0.1", "/status") with
            {
                FailsOverTls = true,
            },
            new("CUPS", "CUPS", ["/ipp/print"], (_, _) => PrintAsync()) { UpgradesOnDemand = true },
            new("CUPS, told to encrypt (`-E`)", "CUPS", ["/ipp/print"], (_, _) => PrintAsync("-E")),
            new("a device that has TLS 1.0 only, and offers it", "PanelPC", ["/status"], (path, _) => AskAsDeviceAsync(path))
            {
                FailsOverTls = true,
                OffersAlways = true,
            },
            new("curl", "curl", ["/status", "/jobs"], (path, _) => AskWithCurlAsync(path)),
            new("browser", "HeadlessChrome", ["/status", "/jobs"], (path, _) => OpenInBrowserAsync(path)),
            Own("our client, `Required`", "Invoices", TlsUpgradeMode.Required) with { OffersUnnamed = true },
            Own("our client, `Preferred`", "Labels", TlsUpgradeMode.Preferred) with { OffersUnnamed = true, UpgradesOnDemand = true },
            Own("our client, `OnDemand`", "Catalog", TlsUpgradeMode.OnDemand) with { UpgradesOnDemand = true },
            new("load balancer's TCP probe", "", [NoPath], (_, _) => ProbeAsync()),
            Monitor("monitor", "Prometheus"),
        ];
    }

    public IReadOnlyList<FleetCaller> Callers { get; }

    /// <summary>The port that they call.</summary>
    public int Port { get; set; }

    /// <param name="offering">The clients on the JVM.</param>
    public static async Task<Fleet> StartAsync(OfferingClients offering)
    {
        Array.ForEach(["ipptool", "curl", "chromium"], Peers.Require);
        return new(offering, await ChromiumPage.OpenAsync("data:text/html,ready"));
    }

    public async ValueTask DisposeAsync()
    {
        _kept.ForEach(static client => client.Dispose());
        await _browser.DisposeAsync();
    }

    private FleetCaller Offering(string name, string product, CertificateCheck check, string host, params string[] paths)
    {
        var userAgent = $"{product}/5.4.1 (Java/17.0.15)";
        return new(name, product, paths, (path, keeps) => _offering.AskAsync(check, keeps, userAgent, $"http://{host}:{Port}{path}"))
        {
            KeepsConnections = true,
            OffersAlways = true,
        };
    }

    private async Task<CallOutcome> PrintAsync(params string[] options)
    {
        var (exitCode, output) = await IppTool.RunAsync(Port, options);
        return exitCode != 0 ? new(CallOutcomeKind.Failed, output)
            : output.Contains("state: Upgraded https", StringComparison.Ordinal) ? new(CallOutcomeKind.Upgraded, output)
            : new(CallOutcomeKind.Clear, output);
    }

    /// <summary>It offers what it has.</summary>
    private async Task<CallOutcome> AskAsDeviceAsync(string path)
    {
        await using var connection = await ConnectAsync();
        await connection.SendAsync(
            $"GET {path} HTTP/1.1\r\nHost: localhost:{Port}\r\nUser-Agent: PanelPC/1.0\r\nUpgrade: TLS/1.0\r\nConnection: Upgrade\r\n\r\n");
        var response = await connection.ReadResponseAsync();
        if (response.Status != 101)
        {
            return CallOutcome.Of(response);
        }

        // TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA and TLS_RSA_WITH_AES_128_CBC_SHA, of TLS 1.0 and without the extension for later versions.
        var hello = new MadeHello { MinorVersion = 1, Suites = [0xC0, 0x09, 0x00, 0x2F], Extensions = [] };
        await connection.SendAsync(HelloRecords.Record(hello.ToMessage()));
        return new(CallOutcomeKind.Failed, $"alert {Convert.ToHexString(await connection.ReadBytesToEndAsync())}");
    }

    private async Task<CallOutcome> AskWithCurlAsync(string path)
    {
        var (exitCode, output) = await Peers.RunAsync("", "curl", "-sS", "-w", "\n%{http_code}", $"http://localhost:{Port}{path}");
        var status = output.LastIndexOf('\n') + 1;
        return exitCode != 0
            ? new(CallOutcomeKind.Failed, output)
            : CallOutcome.Of(int.Parse(output[status..], CultureInfo.InvariantCulture), output[..status]);
    }

    private async Task<CallOutcome> OpenInBrowserAsync(string path)
    {
        await _browser.GoToAsync($"http://localhost:{Port}{path}");
        var content = (await _browser.EvaluateAsync("document.body.innerText"))!.GetValue<string>();
        var location = (await _browser.EvaluateAsync("location.href"))!.GetValue<string>();
        return FleetApplication.FindState(content) is null ? new(CallOutcomeKind.Failed, $"{location} {content}")
            : location.StartsWith("https:", StringComparison.Ordinal) ? new(CallOutcomeKind.Redirected, $"{location} {content}")
            : CallOutcome.Of(200, content);
    }

    private FleetCaller Own(string name, string product, TlsUpgradeMode mode)
    {
        HttpClient Create()
        {
            var client = TestClient.Create(mode, options => options.SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = TestClient.Trusting(_offering.Trusted),
            });
            client.DefaultRequestHeaders.UserAgent.ParseAdd($"{product}/1.0");
            return client;
        }

        return WithHttpClient(name, product, Create, "/status", "/jobs");
    }

    private FleetCaller Monitor(string name, string product) => WithHttpClient(
        name,
        product,
        () =>
        {
            var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false });
            client.DefaultRequestHeaders.UserAgent.ParseAdd($"{product}/2.42.0");
            return client;
        },
        "/metrics");

    private FleetCaller WithHttpClient(string name, string product, Func<HttpClient> create, params string[] paths)
    {
        var kept = create();
        _kept.Add(kept);
        return new(name, product, paths, async (path, keeps) =>
        {
            var client = keeps ? kept : create();
            try
            {
                using var response = await client.GetAsync($"http://localhost:{Port}{path}");
                return CallOutcome.Of((int)response.StatusCode, await response.Content.ReadAsStringAsync());
            }
            finally
            {
                if (!keeps)
                {
                    client.Dispose();
                }
            }
        })
        { KeepsConnections = true };
    }

    private async Task<CallOutcome> ProbeAsync()
    {
        await using var connection = await ConnectAsync();
        return new(CallOutcomeKind.Clear, "connected");
    }

    private Task<RawConnection> ConnectAsync() => RawConnection.OpenAsync(new IPEndPoint(IPAddress.Loopback, Port));
}
