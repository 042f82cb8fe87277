using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace KestrelTlsUpgrade.Benchmarks.Tunnels;

/// <summary>A proxy with the processes that it starts, on a port that was free a moment ago.</summary>
internal sealed class ProxyProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory();
    private readonly Process _process;

    private ProxyProcess(TunnelProxyKind kind, int[] originPorts)
    {
        // Programs that were started by root go on as somebody else.
        File.SetUnixFileMode(_directory.FullName, (UnixFileMode)0b111_111_111);
        EndPoint = FindEndPoint();
        var (program, arguments) = Configure(kind, originPorts);
        _process = Process.Start(new ProcessStartInfo(program, arguments))!;
    }

    public IPEndPoint EndPoint { get; }

    /// <summary>What all its processes have taken, those that have ended included.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            var ticks = ReadTree().Sum(static process => process.Ticks);
            return TimeSpan.FromSeconds(ticks / 100.0);
        }
    }

    /// <summary>The memory of all its processes in bytes, what they share counted once.</summary>
    public long Memory => ReadTree().Sum(static process => ReadMemory(process.Id));

    public static async Task<ProxyProcess> StartAsync(TunnelProxyKind kind, int[] originPorts)
    {
        var proxy = new ProxyProcess(kind, originPorts);
        for (var start = Stopwatch.GetTimestamp(); ; await Task.Delay(50))
        {
            try
            {
                await using var stream = await LoadClient.ConnectAsync(proxy.EndPoint);
                return proxy;
            }
            catch (SocketException) when (Stopwatch.GetElapsedTime(start) < Patience && !proxy._process.HasExited)
            {
                // Not yet.
            }
        }
    }

    public void Dispose()
    {
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
        _directory.Delete(recursive: true);
    }

    private (string Program, string[] Arguments) Configure(TunnelProxyKind kind, int[] originPorts)
    {
        var (home, port) = (_directory.FullName, EndPoint.Port);
        var file = Path.Combine(home, "conf");
        switch (kind)
        {
            case TunnelProxyKind.Squid:
                File.WriteAllText(file, $"""
                    http_port 127.0.0.1:{port}
                    http_access allow localhost
                    http_access deny all
                    cache deny all
                    cache_mem 8 MB
                    access_log none
                    cache_log {home}/cache.log
                    coredump_dir {home}
                    pid_filename none
                    pinger_enable off
                    netdb_filename none

                    """);
                return ("squid", ["-N", "-n", $"bench{port}", "-f", file]);

            case TunnelProxyKind.Tinyproxy:
                File.WriteAllText(file, $"Port {port}\nListen 127.0.0.1\nMaxClients 2000\nAllow 127.0.0.1\nLogLevel Critical\nLogFile \"{home}/log\"\n");
                return ("tinyproxy", ["-d", "-c", file]);

            case TunnelProxyKind.Apache:
                File.WriteAllText(file, $"""
                    ServerRoot {home}
                    DefaultRuntimeDir {home}
                    PidFile {home}/pid
                    ErrorLog {home}/error.log
                    LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
                    LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
                    LoadModule proxy_module /usr/lib/apache2/modules/mod_proxy.so
                    LoadModule proxy_connect_module /usr/lib/apache2/modules/mod_proxy_connect.so
                    ServerName localhost
                    User www-data
                    Group www-data
                    Listen 127.0.0.1:{port}
                    ProxyRequests On
                    AllowCONNECT {string.Join(' ', originPorts)}
                    ServerLimit 20
                    ThreadsPerChild 64
                    MaxRequestWorkers 1280

                    """);
                return ("apache2", ["-DFOREGROUND", "-f", file]);

            default:
                return (Environment.ProcessPath!, ["serve-tunnel", $"{port}", .. originPorts.Select(static originPort => $"{originPort}")]);
        }
    }

    private List<(int Id, long Ticks)> ReadTree()
    {
        var all = Directory.EnumerateDirectories("/proc")
            .Select(static path => int.TryParse(Path.GetFileName(path), out var id) ? ReadStatus(id) : null)
            .OfType<(int Id, int Parent, long Ticks)>()
            .ToLookup(static process => process.Parent);
        List<(int Id, long Ticks)> tree = [];
        AddChildren(Environment.ProcessId, process => process.Id == _process.Id);
        return tree;

        void AddChildren(int parent, Func<(int Id, int Parent, long Ticks), bool> isMeant)
        {
            foreach (var process in all[parent].Where(isMeant))
            {
                tree.Add((process.Id, process.Ticks));
                AddChildren(process.Id, static _ => true);
            }
        }
    }

    /// <summary>Times are in hundredths of a second (proc(5)); those of children that were waited for stand behind its own.</summary>
    private static (int Id, int Parent, long Ticks)? ReadStatus(int id)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{id}/stat");
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return (id, Parse(fields[1]), fields[11..15].Sum(Parse));
        }
        catch (IOException)
        {
            // It has ended meanwhile.
            return null;
        }

        static int Parse(string field) => int.Parse(field, CultureInfo.InvariantCulture);
    }

    private static long ReadMemory(int id)
    {
        var line = File.ReadLines($"/proc/{id}/smaps_rollup").First(static line => line.StartsWith("Pss:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
    }

    private static IPEndPoint FindEndPoint()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return (IPEndPoint)socket.LocalEndPoint!;
    }
}
