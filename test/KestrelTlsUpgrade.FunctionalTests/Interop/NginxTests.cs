using System.Diagnostics;
using System.Net.Sockets;
using KestrelTlsUpgrade.Testing;
using static KestrelTlsUpgrade.Testing.RawConnectionUpgradeExtensions;

namespace KestrelTlsUpgrade.FunctionalTests.Interop;

/// <summary>
/// Requirement A-16: a real nginx in front, with the settings for WebSocket that everybody copies, which pass Upgrade and
/// Connection through.
/// </summary>
public sealed class NginxTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory();

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [InlineData("proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;", false)]
    [InlineData("proxy_set_header X-Real-IP $remote_addr;", false)]
    [InlineData("proxy_set_header X-Forwarded-Proto $scheme;", false)]
    [InlineData("proxy_set_header Forwarded for=$remote_addr;", false)]
    [InlineData("proxy_set_header Via 1.1;", false)]
    [InlineData("proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;", true)]
    public async Task WebSocketSettings_OfferPassedThrough_UpgradedOnlyIfAllowed(string setting, bool isAllowed)
    {
        Peers.Require("nginx");
        await using var server = await UpgradeServer.StartAsync(options => options.AllowBehindProxy = isAllowed);
        Assert.Equal(isAllowed ? 101 : 200, await GetStatusAsync(server, setting));
    }

    /// <summary>
    /// Not a promise but the limit of it, which the README names: a proxy that adds no field of its own looks like a client.
    /// </summary>
    [Fact]
    public async Task WebSocketSettings_NoFieldOfTheProxy_CannotBeToldFromAClient()
    {
        Peers.Require("nginx");
        await using var server = await UpgradeServer.StartAsync();
        Assert.Equal(101, await GetStatusAsync(server, ""));
    }

    private async Task<int> GetStatusAsync(UpgradeServer server, string setting)
    {
        var socket = Path.Combine(_directory.FullName, "nginx.sock");
        using var nginx = await StartNginxAsync(socket, server.Port, setting);
        try
        {
            await using var connection = await RawConnection.OpenAsync(new UnixDomainSocketEndPoint(socket));
            await connection.SendAsync(Request());
            return (await connection.ReadResponseAsync()).Status;
        }
        finally
        {
            nginx.Kill(entireProcessTree: true);
            await nginx.WaitForExitAsync();
        }
    }

    private async Task<Process> StartNginxAsync(string socket, int port, string setting)
    {
        var configuration = Path.Combine(_directory.FullName, "nginx.conf");
        await File.WriteAllTextAsync(configuration, $$"""
            daemon off;
            master_process off;
            pid {{_directory.FullName}}/nginx.pid;
            error_log {{_directory.FullName}}/error.log;
            events {}
            http {
              access_log off;
              client_body_temp_path {{_directory.FullName}};
              proxy_temp_path {{_directory.FullName}};
              fastcgi_temp_path {{_directory.FullName}};
              uwsgi_temp_path {{_directory.FullName}};
              scgi_temp_path {{_directory.FullName}};
              map $http_upgrade $connection_upgrade {
                default upgrade;
                '' close;
              }
              server {
                listen unix:{{socket}};
                location / {
                  proxy_pass http://127.0.0.1:{{port}};
                  proxy_http_version 1.1;
                  proxy_set_header Upgrade $http_upgrade;
                  proxy_set_header Connection $connection_upgrade;
                  proxy_set_header Host $host;
                  {{setting}}
                }
              }
            }
            """);
        var process = Process.Start(new ProcessStartInfo("nginx", ["-c", configuration]) { RedirectStandardError = true })!;
        var patience = Stopwatch.StartNew();
        while (!await IsListeningAsync(socket))
        {
            Assert.False(process.HasExited, "nginx did not start.");
            Assert.True(patience.Elapsed < RawConnection.Patience, "nginx does not listen.");
            await Task.Yield();
        }

        return process;
    }

    private static async Task<bool> IsListeningAsync(string socket)
    {
        try
        {
            await using var probe = await RawConnection.OpenAsync(new UnixDomainSocketEndPoint(socket));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
