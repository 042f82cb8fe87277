using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace KestrelTlsUpgrade.Testing;

/// <summary>A program of others that listens on a loopback port, with a directory of its own.</summary>
internal sealed class PeerProcess : IAsyncDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory();
    private readonly List<Process> _processes = [];

    private PeerProcess()
    {
        // Programs that were started by root go on as somebody else.
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(_directory.FullName, (UnixFileMode)0b111_111_111);
        }
    }

    /// <summary>These programs cannot be told to take any free port, so they are given one that was free a moment ago.</summary>
    public int Port { get; private set; }

    public string Home => _directory.FullName;

    /// <summary>CUPS's scheduler, open to everybody.</summary>
    /// <param name="hasPages">
    /// Whether it has a page for <c>GET /</c>, as on a machine with the whole of CUPS. Its own pages are never used.
    /// </param>
    public static Task<PeerProcess> StartCupsdAsync(bool hasPages = false) => StartAsync("cupsd", async peer =>
    {
        var arguments = await ConfigureCupsdAsync(peer, "AccessLogLevel all");
        if (hasPages)
        {
            await File.WriteAllTextAsync(Path.Combine(peer.Home, "pages", "index.html"), "<!DOCTYPE html><title>Printers</title>\n");
        }

        return arguments;
    });

    /// <summary>Writes the configuration of a scheduler whose files are all in its directory.</summary>
    /// <param name="peer">The scheduler.</param>
    /// <param name="settings">Further lines of <c>cupsd.conf</c>.</param>
    /// <returns>Its arguments.</returns>
    public static async Task<string[]> ConfigureCupsdAsync(PeerProcess peer, params string[] settings)
    {
        var directory = peer.Home;
        foreach (var name in new[] { "root", "state", "cache", "spool", "ssl", "pages", "tmp" })
        {
            Directory.CreateDirectory(Path.Combine(directory, name));
        }

        // Started by root, its backends go on as somebody else.
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(Path.Combine(directory, "tmp"), (UnixFileMode)0b111_111_111);
        }

        await File.WriteAllTextAsync(Path.Combine(directory, "files.conf"), $"""
            ServerRoot {directory}/root
            StateDir {directory}/state
            CacheDir {directory}/cache
            RequestRoot {directory}/spool
            TempDir {directory}/tmp
            ServerKeychain {directory}/ssl
            DocumentRoot {directory}/pages
            ErrorLog {directory}/error_log
            AccessLog {directory}/access_log
            PageLog {directory}/page_log
            Printcap {directory}/printcap
            CreateSelfSignedCerts yes

            """);
        await File.WriteAllTextAsync(Path.Combine(directory, "cupsd.conf"), $"""
            Listen 127.0.0.1:{peer.Port}
            Browsing Off
            DefaultAuthType None
            {string.Join('\n', settings)}
            <Location />
              Order allow,deny
              Allow all
            </Location>

            """);
        return ["-f", "-c", $"{directory}/cupsd.conf", "-s", $"{directory}/files.conf"];
    }

    /// <summary>CUPS's model of a printer, which wants a D-Bus but nobody on it. What it prints stays in its directory.</summary>
    public static Task<PeerProcess> StartPrinterAsync()
    {
        Peers.Require("dbus-daemon");
        return StartAsync("ippeveprinter", async peer =>
        {
            var directory = peer.Home;
            peer.Run("dbus-daemon", "", ["--session", "--nofork", $"--address=unix:path={directory}/bus"]);
            await WaitAsync(() => File.Exists(Path.Combine(directory, "bus")), "dbus-daemon");
            return ["-p", $"{peer.Port}", "-n", "localhost", "-r", "off", "-f", "application/pdf", "-k", "-d", directory, "-K", directory, "Test"];
        });
    }

    /// <summary>A proxy that tunnels to every loopback port, to everybody or to those with a password.</summary>
    public static Task<PeerProcess> StartSquidAsync(bool withPassword) => StartAsync("squid", async peer =>
    {
        var configuration = Path.Combine(peer.Home, "squid.conf");
        await File.WriteAllTextAsync(configuration, $"""
            http_port 127.0.0.1:{peer.Port}
            {(withPassword
                ? "auth_param basic program /usr/lib/squid/basic_fake_auth\nacl known proxy_auth REQUIRED\nhttp_access allow known"
                : "http_access allow localhost")}
            http_access deny all
            cache deny all
            cache_mem 8 MB
            access_log none
            cache_log {peer.Home}/cache.log
            coredump_dir {peer.Home}
            pid_filename none
            pinger_enable off
            netdb_filename none
            shutdown_lifetime 0 seconds

            """);
        return ["-N", "-n", $"test{peer.Port}", "-f", configuration];
    });

    public static Task<PeerProcess> StartTinyproxyAsync() => StartAsync("tinyproxy", async peer =>
    {
        var configuration = Path.Combine(peer.Home, "tinyproxy.conf");
        await File.WriteAllTextAsync(configuration, $"Port {peer.Port}\nListen 127.0.0.1\nMaxClients 20\nAllow 127.0.0.1\nLogFile \"{peer.Home}/log\"\n");
        return ["-d", "-c", configuration];
    });

    /// <summary>A cache that keeps nothing on disk.</summary>
    public static Task<PeerProcess> StartRedisAsync() => StartAsync("redis-server", static peer => Task.FromResult(
        new[] { "--bind", "127.0.0.1", "--port", $"{peer.Port}", "--save", "", "--appendonly", "no", "--dir", peer.Home }));

    /// <summary>Starts a program and waits until it listens on its port.</summary>
    /// <param name="program">Its name.</param>
    /// <param name="configure">Writes its configuration, and returns its arguments.</param>
    public static async Task<PeerProcess> StartAsync(string program, Func<PeerProcess, Task<string[]>> configure)
    {
        Peers.Require(program);
        for (var attempt = 1; ; attempt++)
        {
            var peer = new PeerProcess { Port = FreePort.Find() };
            try
            {
                var process = peer.Run(program, $"unix:path={peer.Home}/bus", await configure(peer));
                await WaitAsync(() => process.HasExited || peer.IsListening(), program);
                if (!process.HasExited)
                {
                    return peer;
                }

                // Somebody else took the port in the meantime.
                Assert.True(attempt < 5, $"{program} did not start.");
            }
            catch
            {
                await peer.DisposeAsync();
                throw;
            }

            await peer.DisposeAsync();
        }
    }

    /// <summary>Stops it without ending it: it keeps its connections, and answers nobody.</summary>
    public async Task SuspendAsync()
    {
        foreach (var process in _processes)
        {
            using var kill = Process.Start("kill", ["-STOP", $"{process.Id}"]);
            await kill.WaitForExitAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            process.Dispose();
        }

        _processes.Clear();

        // What a killed child has not let go of yet must not fail the test.
        try
        {
            _directory.Delete(recursive: true);
        }
        catch (IOException)
        {
        }
    }

    private static async Task WaitAsync(Func<bool> condition, string program)
    {
        var patience = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(patience.Elapsed < RawConnection.Patience, $"{program} did not start.");
            await Task.Delay(10);
        }
    }

    private bool IsListening()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Connect(IPAddress.Loopback, Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private Process Run(string program, string bus, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true };
        start.Environment["DBUS_SYSTEM_BUS_ADDRESS"] = bus;
        start.Environment["XDG_CONFIG_HOME"] = Home;
        start.Environment["XDG_DATA_HOME"] = Home;

        // Where those of CUPS keep the certificates that they have seen.
        start.Environment["CUPS_SERVERROOT"] = Path.Combine(Home, "root");
        var process = Process.Start(start)!;
        process.ErrorDataReceived += static (_, _) => { };
        process.OutputDataReceived += static (_, _) => { };
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        _processes.Add(process);
        return process;
    }
}
