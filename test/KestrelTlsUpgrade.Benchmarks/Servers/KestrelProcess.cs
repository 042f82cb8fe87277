using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace KestrelTlsUpgrade.Benchmarks.Servers;

/// <summary>A <see cref="BenchmarkServer"/> in a process of its own.</summary>
internal sealed class KestrelProcess : Server
{
    private readonly Process _process;

    private KestrelProcess(Process process, int port)
    {
        _process = process;
        EndPoint = new IPEndPoint(IPAddress.Loopback, port);
        Processes = new ProcessTree(process);
    }

    public override IPEndPoint EndPoint { get; }

    public override ProcessTree Processes { get; }

    public static async Task<KestrelProcess> StartAsync(ServerKind kind, ServerSetting setting, KeyFiles files, KeyType key)
    {
        var start = new ProcessStartInfo(
            Environment.ProcessPath!, ["serve", kind.ToString(), setting.ToString(), files.GetCertificate(key), files.GetKey(key)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        if (setting is ServerSetting.NoSpinning)
        {
            start.Environment["DOTNET_ThreadPool_UnfairSemaphoreSpinLimit"] = "0";
        }

        var process = Process.Start(start)!;
        var port = await process.StandardOutput.ReadLineAsync() ?? throw new InvalidDataException($"The server {kind} did not start.");
        return new KestrelProcess(process, int.Parse(port, CultureInfo.InvariantCulture));
    }

    public override async Task CollectGarbageAsync()
    {
        await _process.StandardInput.WriteLineAsync(BenchmarkServer.CollectCommand);
        await _process.StandardInput.FlushAsync();
        _ = await _process.StandardOutput.ReadLineAsync() ?? throw new EndOfStreamException();
    }

    public override void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }
}
