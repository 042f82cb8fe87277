using System.Diagnostics;
using System.Runtime.InteropServices;
using KestrelTlsUpgrade.Soak.Load;
using KestrelTlsUpgrade.Soak.Report;
using KestrelTlsUpgrade.Soak.Server;

namespace KestrelTlsUpgrade.Soak;

/// <summary>
/// The soak, stage by stage: restarts under load; then the last server alone, at rest, with the mix, with idle connections held beside it
/// and without them again, twice, and at rest. Certificates are renewed all the time.
/// </summary>
internal sealed class SoakRun(SoakSettings settings)
{
    private readonly Ledger _ledger = new();
    private readonly List<StageReport> _stages = [];
    private readonly List<(TimeSpan Time, ServerSample Sample)> _samples = [];
    private readonly long _start = Stopwatch.GetTimestamp();
    private TimeSpan _idleHeld;

    public async Task<SoakReport> RunAsync()
    {
        using var certificates = new RenewedCertificates(_ledger);
        using var web = new ListeningSocket();
        using var tunnel = new ListeningSocket();
        var target = new Target(web.EndPoint, tunnel.EndPoint, certificates);
        using var servers = new ServerSeries(target, web, tunnel, _ledger);
        await servers.StartAsync();

        using var timeUp = new CancellationTokenSource();
        var renewal = certificates.RenewUntilAsync(settings.RenewalInterval, timeUp.Token);
        try
        {
            await RunStagesAsync(target, servers);
        }
        catch (Exception exception)
        {
            _ledger.AddProblem($"the soak ended early: {exception}");
        }

        await timeUp.CancelAsync();
        await renewal;
        return Create(servers, certificates);
    }

    private async Task RunStagesAsync(Target target, ServerSeries servers)
    {
        await using (new Mix(target, _ledger, settings.Workers))
        {
            for (var end = Stopwatch.GetElapsedTime(_start) + settings.Restarts; Stopwatch.GetElapsedTime(_start) < end;)
            {
                await Task.Delay(settings.RestartInterval);
                Tell("restart");
                await servers.RestartAsync();
            }

            Tell("warm-up");
            await Task.Delay(settings.WarmUp);
        }

        var atStart = await servers.RestAsync(settings.Rest);
        EndStage("at rest, warm", atStart);
        await using (new Mix(target, _ledger, settings.Workers))
        {
            await SampleAsync(servers.Current, settings.Mix);
            EndStage("mix", await servers.Current.CollectAsync());
            for (var i = 1; i <= SoakSettings.Holds; i++)
            {
                await HoldIdleAsync(new IdleConnections(target, _ledger), servers.Current);
                await SampleAsync(servers.Current, settings.MixAfterIdle);
                EndStage($"mix after hold {i}", await servers.Current.CollectAsync());
            }
        }

        var atEnd = await servers.RestAsync(settings.Rest);
        EndStage("at rest again", atEnd);
        await servers.StopAsync();
        Judge(atStart, atEnd, servers);
    }

    private async Task HoldIdleAsync(IdleConnections idle, ServerProcess server)
    {
        await idle.OpenAsync(ConnectionKind.Idle, settings.Idle);
        Tell("idle connections are open");
        var start = Stopwatch.GetTimestamp();
        await SampleAsync(server, settings.MixWithIdle);
        EndStage($"mix with {settings.Idle} idle", await server.CollectAsync());
        _idleHeld = Stopwatch.GetElapsedTime(start);
        await idle.UseAsync();
        await idle.CloseAsync();
    }

    private void Judge(ServerSample atStart, ServerSample atEnd, ServerSeries servers)
    {
        if (atEnd.Handles > atStart.Handles + SoakSettings.HandleAllowance)
        {
            _ledger.AddProblem($"handles: {atStart.Handles} at the start, {atEnd.Handles} at the end");
        }

        if (servers.Begun != _ledger.Sent || servers.Finished != _ledger.Sent)
        {
            // One that was sent twice is no better than one that was lost.
            _ledger.AddProblem($"{_ledger.Sent} requests were sent, {servers.Begun} begun, {servers.Finished} finished");
        }
    }

    private async Task SampleAsync(ServerProcess server, TimeSpan time)
    {
        for (var end = Stopwatch.GetElapsedTime(_start) + time; Stopwatch.GetElapsedTime(_start) < end;)
        {
            await Task.Delay(settings.SampleInterval);
            var sample = await server.SampleAsync();
            _samples.Add((Stopwatch.GetElapsedTime(_start), sample));
        }
    }

    private void EndStage(string stage, ServerSample end)
    {
        _stages.Add(StageReport.Create(stage, _samples, end));
        _samples.Clear();
        Tell(stage + ", done");
    }

    private void Tell(string what) =>
        Console.Error.WriteLine($"{DateTimeOffset.UtcNow:HH:mm:ss} {what}; {_ledger.Sent} requests, {_ledger.Problems.Count} problems so far");

    private SoakReport Create(ServerSeries servers, RenewedCertificates certificates) => new()
    {
        Platform = $"{RuntimeInformation.FrameworkDescription}, {RuntimeInformation.OSDescription}, {Environment.ProcessorCount} cores",
        Minutes = Stopwatch.GetElapsedTime(_start).TotalMinutes,
        Kinds = _ledger.GetKinds(),
        Stages = _stages,
        IdleConnections = settings.Idle,
        IdleHeldSeconds = _idleHeld.TotalSeconds,
        Restarts = servers.Restarts,
        LongestRestartSeconds = servers.LongestRestart.TotalSeconds,
        Renewals = certificates.Renewals,
        CertificatesSeen = certificates.Seen,
        LatestOldCertificateSeconds = certificates.Latest.TotalSeconds,
        Sent = _ledger.Sent,
        Begun = servers.Begun,
        Finished = servers.Finished,
        Connections = servers.Connections,
        Problems = _ledger.Problems,
    };
}
