using System.Globalization;
using System.Text;

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
        using var atOnce = new SemaphoreSlim(8);
        var runs = await Task.WhenAll(Cases.Select(async (row, index) =>
        {
            await atOnce.WaitAsync();
            try
            {
                return await QueueRun.StartAsync(cups, $"table{index}", row.Queue, row.Settings);
            }
            finally
            {
                atOnce.Release();
            }
        }));
        var table = new StringBuilder();
        foreach (var (row, run) in Cases.Zip(runs))
        {
            table.Append(CultureInfo.InvariantCulture, $"| `{row.Queue}` | {row.Settings.Words} | {run.Result} | {run.SeenAdding} | {run.SeenPrinting} |\n");
        }

        PrintingDocument.AssertContains(table.ToString());

        // What whoever waits for the job of ipps:// finds in the log.
        var line = cups.FindPrinter(PrinterSettings.None).Log.First(static line => line.Contains("did not negotiate HTTP/2", StringComparison.Ordinal));
        PrintingDocument.AssertQuotes(line);
    }
}
