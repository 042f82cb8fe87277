using System.Globalization;
using System.Text;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.FunctionalTests.Interop.Cups;

/// <summary>Queues of CUPS against our settings: whether a job is printed, and what somebody on the path reads.</summary>
[Collection(CupsFixture.Name)]
public sealed class QueueTests(CupsFixture cups)
{
    private const string Plain = "ipp://…";
    private const string Required = "ipp://…?encryption=required";
    private const string Secure = "ipps://…";

    private static readonly (string Queue, PrinterSettings Settings)[] Cases =
    [
        (Plain, PrinterSettings.None),
        (Plain, PrinterSettings.None.Requiring),
        (Required, PrinterSettings.None),
        (Required, PrinterSettings.None.Requiring),
        (Secure, PrinterSettings.None),
        (Secure, PrinterSettings.Https),
        (Secure, PrinterSettings.AnyAware),
        (Secure, PrinterSettings.Any),
        (Plain, PrinterSettings.AnyAware),
        (Plain, PrinterSettings.Aware),
        (Plain, PrinterSettings.Aware.Requiring),
        (Required, PrinterSettings.Aware),
        (Plain, PrinterSettings.NoOffers),
        (Plain, PrinterSettings.NoOffers.Requiring),
        (Required, PrinterSettings.NoOffers),
        (Plain, PrinterSettings.WhereRequired),
        (Plain, PrinterSettings.WhereRequired.Requiring),
        (Required, PrinterSettings.WhereRequired),
        (Plain, PrinterSettings.ReportOnly.Requiring),
        ("ipp://…?encryption=ifrequested", PrinterSettings.None),
        ("ipp://…?encryption=never", PrinterSettings.None),
        ("ipp://…?encryption=never", PrinterSettings.None.Requiring),
    ];

    /// <summary>Of each row, the queue is added and prints one document, and a relay in front of the printer reads along.</summary>
    [Fact]
    public async Task Queues_AndSettings_AreAsTheDocumentSays()
    {
        // One after the other: a thread of the scheduler makes a queue ready, and more of them at a time have crashed it.
        var queues = new List<WatchedQueue>();
        var table = new StringBuilder();
        try
        {
            foreach (var row in Cases)
            {
                queues.Add(await WatchedQueue.AddAsync(cups, $"table{queues.Count}", row.Queue, row.Settings));
            }

            var results = await Task.WhenAll(queues.Select(static queue => queue.PrintAsync()));
            foreach (var (row, result) in Cases.Zip(results))
            {
                table.Append(CultureInfo.InvariantCulture, $"| `{row.Queue}` | {row.Settings.Words} | {result} |\n");
            }
        }
        finally
        {
            foreach (var queue in queues)
            {
                await queue.DisposeAsync();
            }
        }

        PrintingDocument.AssertContains(table.ToString());

        // What whoever waits for the job of ipps:// finds in the log.
        var log = cups.FindPrinter(PrinterSettings.None).Log;
        var line = "";
        await Settling.UntilAsync(
            () => (line = log.FirstOrDefault(static line => line.Contains("did not negotiate HTTP/2", StringComparison.Ordinal)) ?? "").Length > 0,
            () => string.Join('\n', log));
        PrintingDocument.AssertQuotes(line);
    }
}
