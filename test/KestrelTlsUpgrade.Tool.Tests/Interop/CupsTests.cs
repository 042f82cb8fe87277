using KestrelTlsUpgrade.Testing;
using KestrelTlsUpgrade.Tool.Tests.Support;

namespace KestrelTlsUpgrade.Tool.Tests.Interop;

/// <summary>The servers of CUPS.</summary>
public sealed class CupsTests
{
    /// <summary>
    /// With and without an answer to <c>GET /</c>, since cupsd closes after a 404. What it then shows of the clear text differs; its log shows
    /// each time that it executes it.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Probe_Cupsd_UpgradesWithFindings(bool hasPages)
    {
        await using var cupsd = await PeerProcess.StartCupsdAsync(hasPages);
        var run = await ToolRun.RunAsync("probe", $"http://localhost:{cupsd.Port}/", "--json");
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("opossum", run.Findings);
        Assert.Contains("unoffered-protocol", run.Findings);
        Assert.Contains("connection-without-upgrade", run.Findings);
        Assert.Contains("certificate-untrusted", run.Findings);
        Assert.Equal("cleartext-executed", run.Findings[0]);
        Assert.Equal("executed", run.Json.GetProperty("injection").GetProperty("outcome").GetString());
        await Settling.UntilAsync(() => Log(cupsd).Contains("HEAD /?tls-upgrade=injected", StringComparison.Ordinal), () => Log(cupsd));
        foreach (var way in new[] { "firstRequest", "firstOptions", "laterRequest" })
        {
            Assert.Equal("upgraded", run.Find("upgrades", "way", way).GetProperty("outcome").GetString());
        }

        Assert.Equal(hasPages ? 200 : 404, run.Json.GetProperty("plainRequest").GetProperty("status").GetInt32());
        Assert.StartsWith("CUPS/", run.Json.GetProperty("plainRequest").GetProperty("server").GetString(), StringComparison.Ordinal);
        Assert.False(run.Find("tokens", "offer", "TLS").GetProperty("isAccepted").GetBoolean());
        Assert.True(run.Find("tokens", "offer", "TLS/9.9").GetProperty("isAccepted").GetBoolean());
    }

    private static string Log(PeerProcess cupsd) => File.ReadAllText(Path.Combine(cupsd.Home, "access_log"));

    [Fact]
    public async Task Probe_IppEvePrinter_ExecutesClearText()
    {
        await using var printer = await PeerProcess.StartPrinterAsync();
        var run = await ToolRun.RunAsync("probe", $"http://localhost:{printer.Port}/", "--json", "--timeout", "3");
        Assert.Equal(2, run.ExitCode);
        Assert.Equal("cleartext-executed", run.Findings[0]);
        Assert.Contains("opossum", run.Findings);
        Assert.Equal("executed", run.Json.GetProperty("injection").GetProperty("outcome").GetString());
    }

    [Fact]
    public async Task Get_IppEvePrinter_ThePage()
    {
        await using var printer = await PeerProcess.StartPrinterAsync();
        var run = await ToolRun.RunAsync("get", "-k", $"http://localhost:{printer.Port}/");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("<html", run.Output, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Post_Cupsd_AnIppOperation()
    {
        await using var cupsd = await PeerProcess.StartCupsdAsync();
        using var files = new TempFiles();

        // CUPS-Get-Default, with its two attributes.
        byte[] operation =
        [
            2, 0, 0x40, 1, 0, 0, 0, 1, 1,
            0x47, 0, 18, .. "attributes-charset"u8, 0, 5, .. "utf-8"u8,
            0x48, 0, 27, .. "attributes-natural-language"u8, 0, 2, .. "en"u8,
            3,
        ];
        var run = await ToolRun.RunAsync(
            "get", "-k", "-v", $"http://localhost:{cupsd.Port}/", "-d", $"@{files.Write("operation", operation)}", "-H", "Content-Type: application/ipp", "-i",
            "-o", files["answer"]);
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("Content-Type: application/ipp", run.Output, StringComparison.Ordinal);
        Assert.Equal([2, 0], (await File.ReadAllBytesAsync(files["answer"], TestContext.Current.CancellationToken))[..2]);
    }
}
