using KestrelTlsUpgrade.Internal.Report.Collecting;
using KestrelTlsUpgrade.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace KestrelTlsUpgrade.FunctionalTests.Report;

/// <summary>The page in a browser.</summary>
public sealed class ReportBrowserTests
{
    [Theory]
    [InlineData("light", 1200, false, true)]
    [InlineData("dark", 1200, true, true)]
    [InlineData("phone", 360, false, true)]
    [InlineData("phone-dark-without-script", 360, true, false)]
    public async Task Page_FitsAndShowsFigures(string name, int width, bool isDark, bool hasScripts)
    {
        Peers.Require("chromium");
        var clock = new ShiftedClock();
        await using var server = await ReportServer.StartAsync(clock: clock);
        BusyDay.Tell(server.Services.GetRequiredService<ReportCollector>(), clock);
        await using var page = await ChromiumPage.OpenAsync($"{server.Addresses[0]}/tls", width, isDark, hasScripts);
        await File.WriteAllBytesAsync($"/tmp/rep/{name}.png", await page.CaptureAsync());
    }
}
