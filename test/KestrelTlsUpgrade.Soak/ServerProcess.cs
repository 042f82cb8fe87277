using System.Diagnostics;
using KestrelTlsUpgrade.Soak.Report;
using KestrelTlsUpgrade.Soak.Server;

namespace KestrelTlsUpgrade.Soak;

/// <summary>A server in a process of its own: its memory and handles are the server's alone.</summary>
internal sealed class ServerProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly Process _process;
    private readonly Ledger _ledger;

    private ServerProcess(Process process, Ledger ledger)
    {
        _process = process;
        _ledger = ledger;
    }

    /// <summary>Starts one. It accepts connections when this returns.</summary>
    public static async Task<ServerProcess> StartAsync(ListeningSocket web, ListeningSocket tunnel, string certificatePath, Ledger ledger)
    {
        string[] arguments = ["serve", web.Descriptor, tunnel.Descriptor, $"{web.EndPoint.Port}", certificatePath];
        var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is { Length: > 0 } text)
            {
                ledger.AddProblem($"server {process.Id}: {text}");
            }
        };
        process.BeginErrorReadLine();
        var server = new ServerProcess(process, ledger);
        var answer = await server.ReadAsync();
        return answer == "ready" ? server : throw new InvalidOperationException($"The server did not start: {answer}");
    }

    public Task<ServerSample> SampleAsync() => AskAsync("sample");

    /// <summary>After a full collection of garbage.</summary>
    public Task<ServerSample> CollectAsync() => AskAsync("collect");

    /// <summary>Has it stop gracefully. Returns its last account when it has.</summary>
    public async Task<ServerSample> StopAsync()
    {
        Posix.AskToEnd(_process.Id);
        var last = ServerSample.FromJson(await ReadAsync());
        using var timeout = new CancellationTokenSource(Patience);
        await _process.WaitForExitAsync(timeout.Token);
        if (_process.ExitCode != 0)
        {
            _ledger.AddProblem($"server {_process.Id} ended with exit code {_process.ExitCode}");
        }

        return last;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private async Task<ServerSample> AskAsync(string question)
    {
        await _process.StandardInput.WriteLineAsync(question);
        await _process.StandardInput.FlushAsync();
        return ServerSample.FromJson(await ReadAsync());
    }

    private async Task<string> ReadAsync()
    {
        using var timeout = new CancellationTokenSource(Patience);
        return await _process.StandardOutput.ReadLineAsync(timeout.Token) ?? throw new EndOfStreamException("The server process has ended.");
    }
}
