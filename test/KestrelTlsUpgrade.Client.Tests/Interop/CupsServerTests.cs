using System.Net;
using KestrelTlsUpgrade.Testing;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.Client.Tests.Interop;

/// <summary>The servers of CUPS, the live users of RFC 2817. Their certificates are their own making.</summary>
public sealed class CupsServerTests
{
    private static HttpClient CreateClient(TlsUpgradeMode mode = TlsUpgradeMode.Required, ILoggerFactory? log = null, Uri? proxy = null) =>
        TestClient.Create(
            mode,
            options => options.SslOptions = new() { RemoteCertificateValidationCallback = (_, _, _, _) => true },
            handler =>
            {
                handler.UseProxy = proxy is not null;
                handler.Proxy = proxy is null ? null : new WebProxy(proxy);
            },
            log);

    private static ByteArrayContent CreateOperation(short operation, string uri, string format = "", ReadOnlySpan<byte> document = default)
    {
        List<byte> message = [2, 0, (byte)(operation >> 8), (byte)operation, 0, 0, 0, 1, 1];
        Add(0x47, "attributes-charset", "utf-8");
        Add(0x48, "attributes-natural-language", "en");
        Add(0x45, "printer-uri", uri);
        if (format.Length > 0)
        {
            Add(0x49, "document-format", format);
        }

        message.Add(3);
        message.AddRange(document);
        var content = new ByteArrayContent([.. message]);
        content.Headers.ContentType = new("application/ipp");
        return content;

        void Add(byte tag, string name, string value)
        {
            message.Add(tag);
            AddText(name);
            AddText(value);
        }

        void AddText(string text) => message.AddRange([0, (byte)text.Length, .. text.Select(character => (byte)character)]);
    }

    [Theory]
    [InlineData(TlsUpgradeMode.Required)]
    [InlineData(TlsUpgradeMode.Preferred)]
    public async Task Cupsd_SeveralRequests_OneUpgradedConnection(TlsUpgradeMode mode)
    {
        await using var cupsd = await PeerProcess.StartCupsdAsync();
        using var log = new LogCollector();
        using var factory = LoggerFactory.Create(logging => logging.AddProvider(log).SetMinimumLevel(LogLevel.Debug));
        using var client = CreateClient(mode, factory);
        for (var i = 0; i < 3; i++)
        {
            // CUPS-Get-Printers.
            using var response = await client.PostAsync($"http://localhost:{cupsd.Port}/", CreateOperation(0x4002, "ipp://localhost/"));
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal("application/ipp", response.Content.Headers.ContentType!.MediaType);
            Assert.Equal([2, 0], (await response.Content.ReadAsByteArrayAsync())[..2]);
            var info = response.GetTlsUpgradeInfo();
            Assert.True(info.IsUpgraded);
            Assert.Equal("TLS/1.2", info.Token);
        }

        Assert.Single(log.Lines, line => line.Id.Name == "Upgraded");
        Assert.DoesNotContain(log.Lines, line => line.Id.Name == "OptionsAnswerUnusable");
    }

    [Fact]
    public async Task Cupsd_ThroughSquid_UpgradesInTheTunnel()
    {
        await using var cupsd = await PeerProcess.StartCupsdAsync();
        await using var squid = await PeerProcess.StartSquidAsync(withPassword: false);
        using var client = CreateClient(proxy: new Uri($"http://127.0.0.1:{squid.Port}"));
        using var response = await client.PostAsync($"http://localhost:{cupsd.Port}/", CreateOperation(0x4002, "ipp://localhost/"));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.True(response.GetTlsUpgradeInfo() is { IsUpgraded: true, IsTunnelled: true });
    }

    /// <summary>It never ends its answer to OPTIONS * inside TLS, so the client finds another way.</summary>
    [Theory]
    [InlineData(TlsUpgradeMode.Required)]
    [InlineData(TlsUpgradeMode.Preferred)]
    public async Task IppEvePrinter_SeveralRequests_UpgradedWithGet(TlsUpgradeMode mode)
    {
        await using var printer = await PeerProcess.StartPrinterAsync();
        using var log = new LogCollector();
        using var factory = LoggerFactory.Create(logging => logging.AddProvider(log).SetMinimumLevel(LogLevel.Debug));
        using var client = CreateClient(mode, factory);
        for (var i = 0; i < 3; i++)
        {
            using var page = await client.GetAsync($"http://localhost:{printer.Port}/");
            Assert.Contains("<html", await page.Content.ReadAsStringAsync(), StringComparison.OrdinalIgnoreCase);
            Assert.True(page.GetTlsUpgradeInfo().IsUpgraded);

            // Get-Printer-Attributes.
            using var response = await client.PostAsync(
                $"http://localhost:{printer.Port}/ipp/print", CreateOperation(0x000B, $"ipp://localhost:{printer.Port}/ipp/print"));
            Assert.Equal([2, 0, 0, 0], (await response.Content.ReadAsByteArrayAsync())[..4]);
            Assert.True(response.GetTlsUpgradeInfo().IsUpgraded);
        }

        Assert.Single(log.Lines, line => line.Id.Name == "OptionsAnswerUnusable");
    }

    /// <summary>The document is content of a POST, which is never sent before the upgrade.</summary>
    [Fact]
    public async Task IppEvePrinter_PrintJob_ArrivesWhole()
    {
        await using var printer = await PeerProcess.StartPrinterAsync();
        using var client = CreateClient();
        var document = new byte[100_000];
        new Random(1).NextBytes(document);
        "%PDF-1.4\n"u8.CopyTo(document);
        using var response = await client.PostAsync(
            $"http://localhost:{printer.Port}/ipp/print",
            CreateOperation(0x0002, $"ipp://localhost:{printer.Port}/ipp/print", "application/pdf", document));
        Assert.Equal([2, 0, 0, 0], (await response.Content.ReadAsByteArrayAsync())[..4]);
        Assert.True(response.GetTlsUpgradeInfo().IsUpgraded);
        await Settling.UntilAsync(() => FindPrinted() is [var file] && new FileInfo(file).Length == document.Length, () => string.Join(' ', FindPrinted()));
        Assert.Equal(document, await File.ReadAllBytesAsync(FindPrinted()[0], TestContext.Current.CancellationToken));

        string[] FindPrinted() => Directory.GetFiles(printer.Home, "*.pdf");
    }
}
