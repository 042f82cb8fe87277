namespace KestrelTlsUpgrade.FunctionalTests.Samples.Printer;

/// <summary>A printer with narrow limits, for all tests of a class.</summary>
public sealed class SharedPrinter : IAsyncLifetime
{
    internal const int MaxDocumentLength = 100_000;

    internal PrinterProcess Printer { get; private set; } = null!;

    public async ValueTask InitializeAsync() =>
        Printer = await PrinterProcess.StartAsync("ClientTimeout=00:00:02", $"MaxDocumentLength={MaxDocumentLength}");

    public ValueTask DisposeAsync() => Printer.DisposeAsync();
}
