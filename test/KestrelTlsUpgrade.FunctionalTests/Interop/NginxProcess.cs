using System.Diagnostics;
using System.Net.Sockets;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.FunctionalTests.Interop;

/// <summary>A real nginx that listens on a Unix socket, with one server.</summary>
internal sealed class NginxProcess : IAsyncDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory();
    private Process? _process;

    private NginxProcess()
    {
    }

    public UnixDomainSocketEndPoint EndPoint => new(SocketPath);

    public string SocketPath => Path.Combine(_directory.FullName, "nginx.sock");

    /// <summary>Starts nginx and waits until it listens.</summary>
    /// <param name="server">
    /// What its server block says. <c>$listen</c> stands for the listen directive but for its end, <c>$directory</c> for a
    /// directory of its own.
    /// </param>
    /// <param name="files">Files for that directory.</param>
    public static async Task<NginxProcess> StartAsync(string server, params (string Name, string Content)[] files)
    {
        var nginx = new NginxProcess();
        try
        {
            foreach (var (name, content) in files)
            {
                await File.WriteAllTextAsync(Path.Combine(nginx._directory.FullName, name), content);
            }

            await nginx.StartProcessAsync(server);
            return nginx;
        }
        catch
        {
            await nginx.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
            _process.Dispose();
        }

        _directory.Delete(recursive: true);
    }

    private async Task StartProcessAsync(string server)
    {
        var directory = _directory.FullName;
        var configuration = Path.Combine(directory, "nginx.conf");
        var block = server.Replace("$listen", $"listen unix:{SocketPath}", StringComparison.Ordinal)
            .Replace("$directory", directory, StringComparison.Ordinal);
        await File.WriteAllTextAsync(configuration, $$"""
            daemon off;
            master_process off;
            pid {{directory}}/nginx.pid;
            error_log {{directory}}/error.log;
            events {}
            http {
              access_log off;
              client_body_temp_path {{directory}};
              proxy_temp_path {{directory}};
              fastcgi_temp_path {{directory}};
              uwsgi_temp_path {{directory}};
              scgi_temp_path {{directory}};
              map $http_upgrade $connection_upgrade {
                default upgrade;
                '' close;
              }
              server {
                {{block}}
              }
            }
            """);
        _process = Process.Start(new ProcessStartInfo("nginx", ["-c", configuration]) { RedirectStandardError = true })!;
        var patience = Stopwatch.StartNew();
        while (!await IsListeningAsync())
        {
            Assert.False(_process.HasExited, "nginx did not start.");
            Assert.True(patience.Elapsed < RawConnection.Patience, "nginx does not listen.");
            await Task.Yield();
        }
    }

    private async Task<bool> IsListeningAsync()
    {
        try
        {
            await using var probe = await RawConnection.OpenAsync(EndPoint);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
