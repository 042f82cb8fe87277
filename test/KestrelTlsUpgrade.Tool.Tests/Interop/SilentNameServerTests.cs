using System.Net;
using System.Net.Sockets;
using KestrelTlsUpgrade.Testing;
using KestrelTlsUpgrade.Tool.Tests.Support;

namespace KestrelTlsUpgrade.Tool.Tests.Interop;

/// <summary>A name whose server never answers, which the system's resolver waits for longer than the tool.</summary>
public sealed class SilentNameServerTests
{
    [Theory]
    [InlineData("no answer within 1 s", "probe", "--timeout", "1", "a.test:80")]
    [InlineData("no whole answer within 1 s", "get", "--timeout", "1", "http://a.test/")]
    public async Task Name_WithoutAnAnswer_EndsAtTheTimeout(string says, params string[] arguments)
    {
        Assert.SkipUnless(
            (await Peers.RunAsync("", "unshare", "--mount", "mount", "--bind", "/etc/hosts", "/etc/resolv.conf")).ExitCode == 0,
            "A mount namespace needs CAP_SYS_ADMIN.");
        var address = new IPAddress([127, 54, (byte)Random.Shared.Next(1, 255), (byte)Random.Shared.Next(1, 255)]);
        using var server = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        server.Bind(new IPEndPoint(address, 53));
        using var files = new TempFiles();
        var configuration = files.Write("resolv.conf", $"nameserver {address}\noptions timeout:30 attempts:5\n");
        var (_, output) = await Peers.RunAsync(
            "", "unshare", ["--mount", "sh", "-c", "mount --bind \"$0\" /etc/resolv.conf && exec dotnet \"$@\"", configuration, ToolRun.Program, .. arguments]);
        Assert.Contains(says, output);
        Assert.True(server.Available > 0, "The name server was not asked.");
    }
}
