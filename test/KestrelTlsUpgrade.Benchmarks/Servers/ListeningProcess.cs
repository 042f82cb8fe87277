using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using KestrelTlsUpgrade.Benchmarks.Loads;

namespace KestrelTlsUpgrade.Benchmarks.Servers;

/// <summary>A program of others with a directory of its own, on a port that was free a moment ago.</summary>
internal sealed class ListeningProcess : Server
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly DirectoryInfo _directory;
    private readonly Process _process;

    private ListeningProcess(DirectoryInfo directory, IPEndPoint endPoint, Process process)
    {
        _directory = directory;
        _process = process;
        EndPoint = endPoint;
        Processes = new ProcessTree(process);
    }

    public override IPEndPoint EndPoint { get; }

    public override ProcessTree Processes { get; }

    /// <param name="program">Its name or path.</param>
    /// <param name="configure">Makes of directory and port what stands in the directory, and the arguments.</param>
    /// <param name="environment">What is to be in its environment.</param>
    public static async Task<ListeningProcess> StartAsync(
        string program, Func<string, int, string[]> configure, params (string Name, string Value)[] environment)
    {
        var directory = Directory.CreateTempSubdirectory();

        // Programs that were started by root go on as somebody else.
        File.SetUnixFileMode(directory.FullName, (UnixFileMode)0b111_111_111);
        var endPoint = FindEndPoint();
        var start = new ProcessStartInfo(program, configure(directory.FullName, endPoint.Port));
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var server = new ListeningProcess(directory, endPoint, Process.Start(start)!);
        try
        {
            await server.ListensAsync();
            return server;
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    public override void Dispose()
    {
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
        try
        {
            _directory.Delete(recursive: true);
        }
        catch (IOException)
        {
            // A killed child has not let go of it yet.
        }
    }

    private async Task ListensAsync()
    {
        for (var start = Stopwatch.GetTimestamp(); ; await Task.Delay(20))
        {
            try
            {
                await using var stream = await LoadSocket.ConnectAsync(EndPoint);
                return;
            }
            catch (SocketException) when (Stopwatch.GetElapsedTime(start) < Patience && !_process.HasExited)
            {
                // Not yet.
            }
        }
    }

    private static IPEndPoint FindEndPoint()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return (IPEndPoint)socket.LocalEndPoint!;
    }
}
