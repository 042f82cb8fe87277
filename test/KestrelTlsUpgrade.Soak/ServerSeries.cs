using System.Diagnostics;
using KestrelTlsUpgrade.Soak.Load;
using KestrelTlsUpgrade.Soak.Report;
using KestrelTlsUpgrade.Soak.Server;

namespace KestrelTlsUpgrade.Soak;

/// <summary>Servers one after the other on the same ports, and the account of all of them.</summary>
internal sealed class ServerSeries(Target target, ListeningSocket web, ListeningSocket tunnel, Ledger ledger) : IDisposable
{
    private static readonly ConnectionKind[] Parked = [ConnectionKind.Plaintext, ConnectionKind.UpgradeFirst, ConnectionKind.DirectTlsHttp1];

    private ServerProcess? _current;

    public ServerProcess Current => _current ?? throw new InvalidOperationException("There is no server.");

    public int Restarts { get; private set; }

    public TimeSpan LongestRestart { get; private set; }

    public long Begun { get; private set; }

    public long Finished { get; private set; }

    public long Connections { get; private set; }

    public async Task StartAsync() => _current = await ServerProcess.StartAsync(web, tunnel, target.Certificates.Path, ledger);

    /// <summary>
    /// Has a new server take over while the load goes on: both accept connections for a moment, then the old one ends its own.
    /// Those that are idle it closes in an orderly way; requests in flight are answered to the end.
    /// </summary>
    public async Task RestartAsync()
    {
        var start = Stopwatch.GetTimestamp();
        var parked = new IdleConnections(target, ledger);
        foreach (var kind in Parked)
        {
            await parked.OpenAsync(kind, 8);
        }

        using var old = Current;
        var held = new HeldRequests(target, ledger);
        for (var i = 0; i < 600 && (await old.SampleAsync()).HeldRequests < held.Count; i++)
        {
            await Task.Delay(50);
        }

        await StartAsync();
        await StopAsync(old);
        await held.Completion;
        await parked.CloseAtServerAsync();
        await parked.CloseAsync();
        var time = Stopwatch.GetElapsedTime(start);
        LongestRestart = time > LongestRestart ? time : LongestRestart;
        Restarts++;
    }

    public Task StopAsync() => StopAsync(Current);

    /// <summary>The server when all load is gone, and has been for a time.</summary>
    public async Task<ServerSample> RestAsync(TimeSpan time)
    {
        for (var i = 0; i < 60 && (await Current.SampleAsync()).Connections > 0; i++)
        {
            await Task.Delay(500);
        }

        // Finalizers and pools let go of what has just ended in their own time.
        await Task.Delay(time);
        var sample = await Current.CollectAsync();
        if (sample.Connections > 0)
        {
            ledger.AddProblem($"{sample.Connections} connections are open at the server, of clients that are gone");
        }

        return sample;
    }

    public void Dispose() => _current?.Dispose();

    private async Task StopAsync(ServerProcess server)
    {
        var last = await server.StopAsync();
        Begun += last.BegunRequests;
        Finished += last.FinishedRequests;
        Connections += last.AcceptedConnections;
    }
}
