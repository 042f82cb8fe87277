using IppPrinter.Ipp;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.FunctionalTests.Samples.Printer;

/// <summary>Jobs from their beginning to their end (RFC 8011 sections 4 and 5.3).</summary>
public sealed class PrinterJobTests
{
    private const int Held = 4;
    private const int Processing = 5;
    private const int Canceled = 7;
    private const int Completed = 9;

    [Fact]
    public async Task Documents_AreInTheSpoolFolderUnderTheJobsNumber()
    {
        await using var printer = await PrinterProcess.StartAsync();
        using var client = new PrinterClient(printer.EndPoint);
        var id = await CreateAsync(client);
        Assert.Equal(IppStatus.Ok, (await client.SendAsync(Send(client, id, isLast: false), PrinterClient.Pdf)).Status);
        Assert.Equal(IppStatus.Ok, (await client.SendAsync(Send(client, id, isLast: false), "\u00ff\u00d8\u00ff")).Status);
        Assert.Equal(["00001-1.pdf", "00001-2.jpg"], printer.Files);
        Assert.Equal(PrinterClient.Pdf, await File.ReadAllTextAsync(Path.Combine(printer.Spool, printer.Files[0]), TestContext.Current.CancellationToken));
        Assert.Equal([(id, Held)], await client.GetJobsAsync());

        // A last document without any octets only ends the job (RFC 8011 section 4.3.1).
        Assert.Equal(IppStatus.Ok, (await client.SendAsync(Send(client, id, isLast: true))).Status);
        await WaitForAsync(client, id, Completed);
        Assert.Equal(IppStatus.NotPossible, (await client.SendAsync(Send(client, id, isLast: true), PrinterClient.Pdf)).Status);
        Assert.Equal(2, printer.Files.Count);
    }

    [Fact]
    public async Task CloseJob_EndsTheDocuments()
    {
        await using var printer = await PrinterProcess.StartAsync();
        using var client = new PrinterClient(printer.EndPoint);
        var id = await CreateAsync(client);
        Assert.Equal(IppStatus.Ok, (await client.SendAsync(Send(client, id, isLast: false), PrinterClient.Pdf)).Status);
        Assert.Equal(IppStatus.Ok, (await client.SendAsync(Of(client, IppOperation.CloseJob, id))).Status);
        await WaitForAsync(client, id, Completed);
        Assert.Equal(IppStatus.NotPossible, (await client.SendAsync(Of(client, IppOperation.CloseJob, id))).Status);
    }

    [Fact]
    public async Task Cancel_IsForTheOwner_AndRemovesTheDocuments()
    {
        await using var printer = await PrinterProcess.StartAsync("PrintingTime=01:00:00");
        using var client = new PrinterClient(printer.EndPoint);
        foreach (var expected in new[] { Processing, 3 })
        {
            var printed = await client.SendAsync(client.Create(IppOperation.PrintJob), PrinterClient.Pdf);
            await WaitForAsync(client, printed[IppTag.JobAttributes]!["job-id"]!.Number!.Value, expected);
        }

        Assert.Equal(IppStatus.NotAuthorized, (await client.SendAsync(Of(client, IppOperation.CancelJob, 1, "eve"))).Status);
        Assert.Equal(IppStatus.NotFound, (await client.SendAsync(Of(client, IppOperation.CancelJob, 7))).Status);
        Assert.Equal(IppStatus.Ok, (await client.SendAsync(Of(client, IppOperation.CancelJob, 1))).Status);

        // The next one does not wait for what is not printed any more.
        await WaitForAsync(client, 2, Processing);
        Assert.Equal(IppStatus.NotPossible, (await client.SendAsync(Of(client, IppOperation.CancelJob, 1))).Status);
        Assert.Equal(["00002-1.pdf"], printer.Files);

        Assert.Equal(IppStatus.Ok, (await client.SendAsync(client.Create(IppOperation.CancelMyJobs, "eve"))).Status);
        Assert.Equal(["00002-1.pdf"], printer.Files);
        Assert.Equal(IppStatus.Ok, (await client.SendAsync(client.Create(IppOperation.CancelMyJobs))).Status);
        Assert.Empty(printer.Files);
        Assert.Equal([(1, Canceled), (2, Canceled)], (await client.GetJobsAsync()).Order());
    }

    /// <summary>What is left of a document that the printer did not live to see the end of is removed, and no number is given twice.</summary>
    [Fact]
    public async Task Restart_GoesOnWithTheNextNumber_AndTidiesUp()
    {
        var spool = Directory.CreateTempSubdirectory();
        try
        {
            await using (var printer = await PrinterProcess.StartAsync(spool.FullName, []))
            {
                using var client = new PrinterClient(printer.EndPoint);
                await client.SendAsync(client.Create(IppOperation.PrintJob), PrinterClient.Pdf);
                using var content = new StreamContent(new EndlessDocument(PrinterClient.Encode(client.Create(IppOperation.PrintJob)), 1L << 40));
                var sending = client.SendAsync(content);
                await Settling.UntilAsync(() => printer.Files.Count == 2, () => "nothing is on its way");
                await printer.KillAsync();
                await Assert.ThrowsAnyAsync<HttpRequestException>(() => sending);
                Assert.Equal(2, printer.Files.Count);
            }

            await using (var printer = await PrinterProcess.StartAsync(spool.FullName, []))
            {
                Assert.Equal(["00001-1.pdf"], printer.Files);
                using var client = new PrinterClient(printer.EndPoint);
                var printed = await client.SendAsync(client.Create(IppOperation.PrintJob), PrinterClient.Pdf);
                Assert.Equal(3, printed[IppTag.JobAttributes]!["job-id"]!.Number);
                Assert.Equal(["00001-1.pdf", "00003-1.pdf"], printer.Files);
                var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => PrinterProcess.StartAsync(spool.FullName, []));
                Assert.Contains("another printer uses it", exception.Message);
            }
        }
        finally
        {
            spool.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("MaxDocumentLength=0")]
    [InlineData("ClientTimeout=00:00:00")]
    [InlineData("Name=")]
    public async Task Setting_ThatMakesNoSense_IsRefusedAtTheStart(string setting)
    {
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => PrinterProcess.StartAsync(setting));
        Assert.Contains(setting.Split('=')[0], exception.Message);
    }

    private static async Task<int> CreateAsync(PrinterClient client)
    {
        var created = await client.SendAsync(client.Create(IppOperation.CreateJob));
        Assert.Equal(IppStatus.Ok, created.Status);
        return created[IppTag.JobAttributes]!["job-id"]!.Number!.Value;
    }

    private static IppMessage Of(PrinterClient client, IppOperation operation, int id, string user = "mary")
    {
        var request = client.Create(operation, user);
        request.Groups[0].Add("job-id", IppValue.Integer(id));
        return request;
    }

    private static IppMessage Send(PrinterClient client, int id, bool isLast)
    {
        var request = Of(client, IppOperation.SendDocument, id);
        request.Groups[0].Add("last-document", IppValue.Boolean(isLast));
        return request;
    }

    private static async Task WaitForAsync(PrinterClient client, int id, int state)
    {
        using var patience = new CancellationTokenSource(RawConnection.Patience);
        while (!(await client.GetJobsAsync()).Contains((id, state)))
        {
            patience.Token.ThrowIfCancellationRequested();
        }
    }
}
