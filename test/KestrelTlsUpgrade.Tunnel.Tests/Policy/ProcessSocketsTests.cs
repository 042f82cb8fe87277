using System.Net;
using System.Net.Sockets;
using KestrelTlsUpgrade.Testing;
using KestrelTlsUpgrade.Tunnel.Internal.Policy;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace KestrelTlsUpgrade.Tunnel.Tests.Policy;

public sealed class ProcessSocketsTests
{
    private readonly FakeTimeProvider _time = new();

    [Theory]
    [InlineData("0100007F:1F90", "127.0.0.1:8080")]
    [InlineData("00000000:0050", "0.0.0.0:80")]
    [InlineData("0B01A8C0:FFFF", "192.168.1.11:65535")]
    [InlineData("00000000000000000000000000000000:01BB", "[::]:443")]
    [InlineData("00000000000000000000000001000000:01BB", "[::1]:443")]
    [InlineData("0000000000000000FFFF00000100007F:01BB", "[::ffff:127.0.0.1]:443")]
    [InlineData("B80D0120000000000000000001000000:01BB", "[2001:db8::1]:443")]
    public void Parse_ListeningSocket_IsRead(string local, string expected)
    {
        var socket = ProcessSockets.Parse($"   3: {local} 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 234967 1 0 100 0 0 10 0");
        Assert.Equal((IPEndPoint.Parse(expected), "234967"), socket);
    }

    [Theory]
    [InlineData("   1: 0100007F:901F 0100007F:C23E 01 00000000:00000000 00:00000000 00000000     0        0 234967 1 0 100 0 0 10 0")]
    [InlineData("  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode")]
    [InlineData("   1: 0100007F:901F 00000000:0000 0A")]
    [InlineData("")]
    public void Parse_AnyOtherLine_IsNot(string line) => Assert.Null(ProcessSockets.Parse(line));

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.7")]
    [InlineData("0.0.0.0")]
    [InlineData("::1")]
    [InlineData("::")]
    public void Find_PortThatIsOpenedAndClosed_IsFoundMeanwhile(string address)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The system does not tell.");
        var sockets = new ProcessSockets(_time);
        var listener = new TcpListener(IPAddress.Parse(address), FreePort.Find());
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        Assert.Empty(sockets.Find(port));
        listener.Start();
        _time.Advance(ProcessSockets.Lifetime);
        Assert.Equal([IPAddress.Parse(address)], sockets.Find(port));
        listener.Stop();
        _time.Advance(ProcessSockets.Lifetime);
        Assert.Empty(sockets.Find(port));
    }

    [Fact]
    public async Task ServerAddresses_AreThoseOfTheHost()
    {
        await using var server = await UpgradeServer.StartAsync(builder => builder.WebHost.ConfigureKestrel(static kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.ListenAnyIP(0);
            kestrel.ListenLocalhost(FreePort.Find());
            kestrel.ListenUnixSocket(Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()));
        }));
        var addresses = new ServerAddresses(server.Services);
        int[] ports = [.. server.Addresses.Where(static address => !address.Contains("unix", StringComparison.Ordinal)).Select(static address => new Uri(address).Port)];
        Assert.Equal(3, ports.Length);
        Assert.Equal([IPAddress.Loopback], addresses.Find(ports[0]));
        Assert.Equal([IPAddress.IPv6Any], addresses.Find(ports[1]));
        Assert.Equal([IPAddress.Loopback, IPAddress.IPv6Loopback], addresses.Find(ports[2]));
        Assert.Empty(addresses.Find(FreePort.Find()));
    }
}
