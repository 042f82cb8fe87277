using System.Globalization;
using System.Text;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.FunctionalTests.Interop.Cups;

/// <summary>What <c>client.conf</c> changes for a queue.</summary>
[Collection(CupsFixture.Name)]
public sealed class ClientConfTests(CupsFixture cups) : IAsyncDisposable
{
    private const string User = "mary";

    private static readonly string[][] Settings =
    [
        ["Encryption Never"], ["Encryption IfRequested"], ["Encryption Required"], ["Encryption Always"], ["ValidateCerts Yes"], ["AllowAnyRoot No"],
    ];

    private static readonly (string Queue, PrinterSettings Settings)[] Queues =
    [
        ("ipp://…", PrinterSettings.None), ("ipp://…?encryption=required", PrinterSettings.None), ("ipps://…", PrinterSettings.Https),
    ];

    public async ValueTask DisposeAsync() => await cups.ResetAsync();

    [Fact]
    public async Task Settings_AreAsTheDocumentSays()
    {
        for (var i = 0; i < Queues.Length; i++)
        {
            await cups.System.AddQueueAsync($"conf{i}", cups.ToUri(Queues[i].Queue, Queues[i].Settings));
        }

        var table = new StringBuilder();
        foreach (var lines in Settings)
        {
            await cups.System.ConfigureClientsAsync(lines);
            var results = await Task.WhenAll(Queues.Select((queue, i) => PrintAsync($"conf{i}", $"{lines[0].Replace(' ', '-')}-{i}")));
            table.Append(CultureInfo.InvariantCulture, $"| `{string.Join("`, `", lines)}` | {string.Join(" | ", results)} |\n");
        }

        PrintingDocument.AssertContains(table.ToString());
    }

    /// <summary>It is another port, but CUPS knows certificates by the name of the host.</summary>
    [Fact]
    public async Task OtherCertificateOfTheSameHost_StopsTheQueue()
    {
        await using var relay = new RecordingRelay(cups.Find(PrinterSettings.Https));
        await cups.System.AddQueueAsync("first", cups.ToUri("ipp://…?encryption=required", PrinterSettings.None));
        await cups.System.AddQueueAsync("other", $"ipps://localhost:{relay.Port}/ipp/print");
        try
        {
            Assert.Equal("printed", await PrintAsync("first", "first"));
            var result = await PrintAsync("other", "other");
            Assert.Equal("waits: “Backend returned status 4 (stop printer)”", result);
            PrintingDocument.AssertContains(result["waits: ".Length..]);
            cups.System.ForgetCertificates();
            Assert.Equal("printed", await PrintAsync("other", "again"));
        }
        finally
        {
            cups.System.ForgetCertificates();
        }
    }

    private async Task<string> PrintAsync(string queue, string name)
    {
        var document = cups.WriteDocument(name);
        var job = await cups.System.PrintAsync(queue, document.Path, User, name);
        var message = await cups.System.FinishedAsync(job);
        if (message is null)
        {
            return "printed";
        }

        await cups.System.ClearAsync(queue);
        return $"waits: “{message}”";
    }
}
