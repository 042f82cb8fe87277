using System.Globalization;
using KestrelTlsUpgrade.FunctionalTests.Samples.Printer;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.FunctionalTests.Interop.Cups;

/// <summary>Jobs as people print them. What arrives is what was sent, octet for octet.</summary>
[Collection(CupsFixture.Name)]
public sealed class JobTests(CupsFixture cups)
{
    private const string User = "mary";

    [Theory]
    [InlineData("ipp://…", 2_000)]
    [InlineData("ipp://…?encryption=required", 20_000_000)]
    public async Task Document_ArrivesWhole(string queue, int length)
    {
        var settings = PrinterSettings.None;
        var name = string.Create(CultureInfo.InvariantCulture, $"one-{length}");
        await cups.System.AddQueueAsync(name, cups.ToUri(queue, settings));
        var document = cups.WriteDocument(name, length);
        await cups.System.CompletedAsync(await cups.System.PrintAsync(name, document.Path, User, name));
        Assert.True(cups.IsPrinted(document, settings));
    }

    [Fact]
    public async Task TenJobsInARow_AllArrive_InTheirOrder()
    {
        const string Name = "ten";
        await cups.System.AddQueueAsync(Name, cups.ToUri("ipp://…?encryption=required", PrinterSettings.None));
        var documents = Enumerable.Range(0, 10).Select(i => cups.WriteDocument($"{Name}{i}", 2_000 + i)).ToArray();
        var jobs = new List<int>();
        foreach (var document in documents)
        {
            jobs.Add(await cups.System.PrintAsync(Name, document.Path, User, Name));
        }

        foreach (var job in jobs)
        {
            await cups.System.CompletedAsync(job);
        }

        Assert.Equal(documents, CupsFixture.FindPrinted(cups.FindPrinter(PrinterSettings.None), documents));
    }

    /// <summary>The scheduler keeps the job, and tries again.</summary>
    [Fact]
    public async Task PrinterThatIsDown_GetsTheJobOnceItIsUp()
    {
        const string Name = "down";
        var port = FreePort.Find();
        await cups.System.AddQueueAsync(Name, cups.ToUri("ipp://…?encryption=required", PrinterSettings.None));
        await cups.System.MoveQueueAsync(Name, $"ipp://localhost:{port}/ipp/print?encryption=required");
        var document = cups.WriteDocument(Name);
        var job = await cups.System.PrintAsync(Name, document.Path, User, Name);
        await cups.System.ToldAsync(job, "The printer may not exist or is unavailable at this time.");
        await using var printer = await PrinterProcess.StartAsync([$"Kestrel:Endpoints:Printer:Url=http://127.0.0.1:{port}", .. cups.Certificate]);
        await cups.System.ToldAsync(job, "Job completed.");
        Assert.Equal([document], CupsFixture.FindPrinted(printer, document));
    }
}
