using KestrelTlsUpgrade.Soak.Report;

namespace KestrelTlsUpgrade.Soak.Load;

/// <summary>Clients of every kind at once.</summary>
internal sealed class Mix : IAsyncDisposable
{
    private readonly CancellationTokenSource _timeUp = new();
    private readonly Task _clients;

    // Those of HttpClient come last of the kinds that load consists of.
    public Mix(Target target, Ledger ledger, int workers)
    {
        _clients = Task.WhenAll(
            from kind in Enum.GetValues<ConnectionKind>()
            where kind < ConnectionKind.InFlightAtStop
            from _ in Enumerable.Range(0, workers)
            select Task.Run(() => kind >= ConnectionKind.DirectTlsHttp2
                ? new HttpClientLoad(kind, target, ledger).RunAsync(_timeUp.Token)
                : ConnectionLoad.RunAsync(kind, target, ledger, _timeUp.Token)));
    }

    /// <summary>Lets the requests that have been sent end, and closes all connections.</summary>
    public async ValueTask DisposeAsync()
    {
        await _timeUp.CancelAsync();
        await _clients;
        _timeUp.Dispose();
    }
}
