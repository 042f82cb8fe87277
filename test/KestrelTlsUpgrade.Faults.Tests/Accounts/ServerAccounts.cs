using KestrelTlsUpgrade.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.Faults.Tests.Accounts;

/// <summary>What a server has open, and what it has leased.</summary>
/// <param name="isOfOneRun">Whether the server is there for a single run, which can end before anything is leased.</param>
internal sealed class ServerAccounts(bool isOfOneRun = false) : IDisposable
{
    private readonly KestrelCounters _counters = new();
    private readonly LeaseCount _leases = new();

    public void Observe(IServiceCollection services)
    {
        _counters.Observe(services);
        CountingMemoryPoolFactory.Count(services, _leases);

        // Thousands of connections would say too much.
        services.Configure<LoggerFilterOptions>(options => options.MinLevel = LogLevel.Warning);
    }

    /// <summary>Waits until every connection has ended and every lease has been returned.</summary>
    public async Task SettledAsync()
    {
        await _counters.AllEndedAsync();
        await Settling.UntilAsync(() => _leases.Outstanding == 0, () => $"{_leases.Outstanding} of {_leases.All} leases of memory");
    }

    /// <summary>
    /// A single run can end before the server has leased anything; all of them together cannot. A server that nobody has connected to says
    /// nothing: an earlier failure has kept clients away, and is the one to report.
    /// </summary>
    public void Dispose()
    {
        _counters.Dispose();
        Assert.True(isOfOneRun || _leases.All > 0 || !_counters.HasBegun, "Kestrel leases memory elsewhere.");
    }
}
