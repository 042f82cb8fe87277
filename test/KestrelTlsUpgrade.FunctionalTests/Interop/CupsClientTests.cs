using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;

namespace KestrelTlsUpgrade.FunctionalTests.Interop;

/// <summary>The clients of CUPS, which upgrade with OPTIONS * before they send (RFC 2817 section 3.2).</summary>
public sealed class CupsClientTests
{
    [Fact]
    public async Task IppTool_Encrypted_GetsItsAnswerOverTls()
    {
        await using var server = await StartPrinterAsync(isRequired: false);
        var (exitCode, output) = await IppTool.RunAsync(server.Port, "-E");
        Assert.True(exitCode == 0, output);
        Assert.Contains("state: Upgraded https Tls13", output);
    }

    [Fact]
    public async Task IppTool_NotEncrypted_GetsItsAnswerInClearText()
    {
        await using var server = await StartPrinterAsync(isRequired: false);
        var (exitCode, output) = await IppTool.RunAsync(server.Port);
        Assert.True(exitCode == 0, output);
        Assert.Contains("state: Plaintext http", output);
    }

    [Fact]
    public async Task IppTool_UpgradeRequired_UpgradesByItself()
    {
        await using var server = await StartPrinterAsync(isRequired: true);
        var (exitCode, output) = await IppTool.RunAsync(server.Port);
        Assert.True(exitCode == 0, output);
        Assert.Contains("state: Upgraded https Tls13", output);
    }

    [Fact]
    public async Task LpStat_Encrypted_FindsTheSchedulerRunning()
    {
        await using var server = await StartPrinterAsync(isRequired: false);
        var (exitCode, output) = await Peers.RunAsync("", "lpstat", "-E", "-h", $"localhost:{server.Port}", "-r");
        Assert.True(exitCode == 0, output);
        Assert.Contains("scheduler is running", output);
        Assert.Contains(server.Log.Lines, line => line.Id.Name == "Upgraded");
    }

    private static Task<UpgradeServer> StartPrinterAsync(bool isRequired) => UpgradeServer.StartAsync(app: app =>
    {
        var printer = app.MapPost("/ipp/print", EchoPrinter.AnswerAsync);
        if (isRequired)
        {
            printer.RequireTlsUpgrade();
        }
    });
}
