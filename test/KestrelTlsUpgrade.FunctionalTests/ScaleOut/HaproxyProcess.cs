using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.FunctionalTests.ScaleOut;

/// <summary>A real HAProxy with the configuration of the sample, but for its addresses.</summary>
internal sealed class HaproxyProcess : IAsyncDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory();
    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly Task<string> _errors;

    private HaproxyProcess(string configuration, IReadOnlyList<IPEndPoint> instances)
    {
        var path = Path.Combine(_directory.FullName, "haproxy.cfg");
        File.WriteAllText(path, configuration);
        var start = new ProcessStartInfo("haproxy", ["-db", "-f", path])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["ADMIN_SOCKET"] = AdminSocket,
                ["FRONT"] = EndPoint.ToString(),
                ["ONE"] = instances[0].ToString(),
                ["TWO"] = instances[1].ToString(),
                ["THREE"] = instances[2].ToString(),
            },
        };
        _process = Process.Start(start)!;
        _output = _process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        _errors = _process.StandardError.ReadToEndAsync(CancellationToken.None);
    }

    /// <summary>Where clients connect to.</summary>
    public IPEndPoint EndPoint { get; } = new(IPAddress.Loopback, FreePort.Find());

    private string AdminSocket => Path.Combine(_directory.FullName, "admin.sock");

    /// <summary>Starts it and waits until it listens.</summary>
    /// <param name="instances">The three servers.</param>
    /// <param name="sendProxy">How it sends the client's address; by default as the sample says.</param>
    public static async Task<HaproxyProcess> StartAsync(IReadOnlyList<IPEndPoint> instances, string? sendProxy = null)
    {
        const string SampleSays = " send-proxy-v2 ";
        Peers.Require("haproxy");
        var configuration = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Samples", "ScaleOut", "haproxy.cfg"));
        Assert.Single(configuration.Split(SampleSays)[1..]);
        var haproxy = new HaproxyProcess(configuration.Replace(SampleSays, $" {sendProxy ?? SampleSays} ", StringComparison.Ordinal), instances);
        try
        {
            await haproxy.ListensAsync();
            return haproxy;
        }
        catch
        {
            await haproxy.DisposeAsync();
            throw;
        }
    }

    /// <summary>Says something to it on the socket for its administration, and returns the answer.</summary>
    public async Task<string> AdministerAsync(string command)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(AdminSocket));
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes(command + "\n"));
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        await _output;
        await _errors;
        _process.Dispose();
        _directory.Delete(recursive: true);
    }

    private async Task ListensAsync()
    {
        var patience = Stopwatch.StartNew();
        while (true)
        {
            Assert.False(_process.HasExited, _process.HasExited ? $"haproxy did not start. {await _errors}" : "");
            Assert.True(patience.Elapsed < RawConnection.Patience, "haproxy does not listen.");
            try
            {
                // It listens everywhere before it answers anywhere.
                await AdministerAsync("show info");
                return;
            }
            catch (SocketException)
            {
                await Task.Yield();
            }
        }
    }
}
