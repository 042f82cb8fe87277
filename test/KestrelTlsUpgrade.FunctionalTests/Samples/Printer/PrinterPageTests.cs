using IppPrinter.Ipp;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.FunctionalTests.Samples.Printer;

/// <summary>The page shows the jobs as they come.</summary>
public sealed class PrinterPageTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Page_ShowsAJobThatComesLater(bool requiresTls)
    {
        await using var printer = await PrinterProcess.StartAsync($"RequireTls={requiresTls}", "Location=Hall");
        await using var page = await ChromiumPage.OpenAsync($"http://localhost:{printer.EndPoint.Port}/");
        Assert.Equal(requiresTls ? "https:" : "http:", (await page.EvaluateAsync("location.protocol"))!.GetValue<string>());
        await page.WaitForAsync("document.title === 'Kestrel' && !document.getElementById('none').hidden");
        Assert.Equal("Hall · idle", (await page.EvaluateAsync("document.getElementById('where').textContent"))!.GetValue<string>());

        using var client = new PrinterClient(printer.Https, isSecure: true);
        var request = client.Create(IppOperation.PrintJob);
        request.Groups[0].Add("job-name", IppValue.Name("<b>letter</b>"));
        Assert.Equal(IppStatus.Ok, (await client.SendAsync(request, PrinterClient.Pdf)).Status);
        await page.WaitForAsync("document.querySelectorAll('#jobs tbody tr.completed').length === 1");
        Assert.Equal(
            "1|<b>letter</b>|mary|completed|application/pdf|17 B",
            (await page.EvaluateAsync("[...document.querySelectorAll('#jobs tbody td')].slice(0, 6).map(cell => cell.textContent).join('|')"))!.GetValue<string>());
        if (Environment.GetEnvironmentVariable("PAGE_PICTURES") is { } folder)
        {
            await File.WriteAllBytesAsync(Path.Combine(folder, "printer.png"), await page.CaptureAsync(), TestContext.Current.CancellationToken);
        }
    }
}
