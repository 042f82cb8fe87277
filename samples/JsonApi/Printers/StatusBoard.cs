using System.Collections.Concurrent;

namespace JsonApi.Printers;

/// <summary>The last report of each printer. Only printers of the configuration have one: anybody can send reports.</summary>
public sealed class StatusBoard
{
    private readonly ConcurrentDictionary<string, PrinterStatus> _printers;
    private readonly TimeProvider _timeProvider;

    public StatusBoard(IConfiguration configuration, TimeProvider timeProvider)
    {
        _timeProvider = timeProvider;
        _printers = new(
            (configuration.GetSection("Printers").Get<string[]>() ?? [])
                .Select(static name => KeyValuePair.Create(name, new PrinterStatus(name, Report: null, ReportedAt: null))),
            StringComparer.OrdinalIgnoreCase);
    }

    public IEnumerable<PrinterStatus> All => _printers.Values.OrderBy(static status => status.Printer, StringComparer.Ordinal);

    public bool Knows(string printer) => _printers.ContainsKey(printer);

    /// <returns><see langword="false"/> if there is no such printer.</returns>
    public bool TryReport(string printer, StatusReport report)
    {
        if (!_printers.TryGetValue(printer, out var status))
        {
            return false;
        }

        _printers[printer] = status with { Report = report, ReportedAt = _timeProvider.GetUtcNow() };
        return true;
    }
}
