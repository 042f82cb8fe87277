using System.Net;
using IppPrinter.Ipp;
using KestrelTlsUpgrade.Client;
using KestrelTlsUpgrade.FunctionalTests.Samples.Printer;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.FunctionalTests.Interop.Cups;

/// <summary>CUPS between its clients and our printer, and .NET in the place of CUPS.</summary>
[Collection(CupsFixture.Name)]
public sealed class PrintServerTests(CupsFixture cups)
{
    private const string User = "mary";
    private const string Title = "Letter-of-resignation";

    /// <summary>The only thing that anybody on either path reads is what asks for the upgrade.</summary>
    [Fact]
    public async Task CupsInFrontOfThePrinter_BothHopsAreUpgraded()
    {
        const string Queue = "front";
        await using var behind = new RecordingRelay(cups.Find(PrinterSettings.None));
        await using var front = new RecordingRelay(new(IPAddress.Loopback, cups.System.Port));
        await cups.System.AddQueueAsync(Queue, $"ipp://localhost:{behind.Port}/ipp/print?encryption=required");
        var document = cups.WriteDocument(Queue);
        await cups.System.CompletedAsync(await cups.System.PrintAsync(Queue, document.Path, User, Title, front.Port, isEncrypted: true));
        Assert.True(cups.IsPrinted(document, PrinterSettings.None));
        foreach (var relay in new[] { front, behind })
        {
            Assert.NotEqual(0, relay.CountRequested("OPTIONS * "));
            Assert.All([User, Title, document.Text], text => Assert.Equal(0, relay.CountRequested(text) + relay.Count(text)));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task DotNet_PrintsOverTheUpgrade(bool throughCups)
    {
        var name = $"dotnet-{throughCups}";
        if (throughCups)
        {
            await cups.System.AddQueueAsync(name, cups.ToUri("ipp://…", PrinterSettings.None.Requiring));
        }

        var server = throughCups ? new IPEndPoint(IPAddress.Loopback, cups.System.Port) : cups.Find(PrinterSettings.None.Requiring);
        var path = throughCups ? $"/printers/{name}" : "/ipp/print";
        await using var relay = new RecordingRelay(server);
        using var client = new HttpClient(new TlsUpgradeHttpHandler(new TlsUpgradeClientOptions
        {
            SslOptions = new() { RemoteCertificateValidationCallback = static (_, _, _, _) => true },
        }));
        var document = cups.WriteDocument(name);
        var request = new IppMessage(IppMessage.Version20, (short)IppOperation.PrintJob, 1);
        request.Groups.Add(new IppGroup(IppTag.OperationAttributes)
            .Add("attributes-charset", IppValue.Charset("utf-8"))
            .Add("attributes-natural-language", IppValue.NaturalLanguage("en"))
            .Add("printer-uri", IppValue.Uri($"ipp://localhost:{relay.Port}{path}"))
            .Add("requesting-user-name", IppValue.Name(User))
            .Add("job-name", IppValue.Name(Title)));
        using var content = new ByteArrayContent([.. PrinterClient.Encode(request), .. document.Content]);
        content.Headers.ContentType = new("application/ipp");
        using var response = await client.PostAsync($"http://localhost:{relay.Port}{path}", content);
        var answer = PrinterClient.Decode(await response.Content.ReadAsByteArrayAsync());
        Assert.Equal(IppStatus.Ok, answer.Status);
        Assert.True(response.GetTlsUpgradeInfo().IsUpgraded);
        if (throughCups)
        {
            await cups.System.CompletedAsync(answer[IppTag.JobAttributes]!["job-id"]!.Number!.Value);
        }

        Assert.True(cups.IsPrinted(document, PrinterSettings.None.Requiring));
        Assert.All([User, Title, document.Text], text => Assert.Equal(0, relay.CountRequested(text)));
    }
}
