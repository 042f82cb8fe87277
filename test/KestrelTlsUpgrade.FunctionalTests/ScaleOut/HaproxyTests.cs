using System.Net.Security;
using KestrelTlsUpgrade.FunctionalTests.ProxyProtocol;
using KestrelTlsUpgrade.FunctionalTests.Samples;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.FunctionalTests.ScaleOut;

/// <summary>What the README says of several instances behind HAProxy, with the configuration of the sample.</summary>
public sealed class HaproxyTests(ITestOutputHelper output)
{
    private const string Get = "GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n";

    [Theory]
    [InlineData("send-proxy")]
    [InlineData("send-proxy-v2")]
    [InlineData("send-proxy-v2 proxy-v2-options crc32c,unique-id")]
    [InlineData("send-proxy-v2-ssl-cn")]
    public async Task ClientsAddress_IsRightInEveryState(string sendProxy)
    {
        await using var server = await ProxiedServer.StartAsync(upgrade: static options => options.DirectTls = DirectTlsMode.Any);
        await using var haproxy = await HaproxyProcess.StartAsync([server.EndPoint, server.EndPoint, server.EndPoint], sendProxy);

        await using var upgrading = await RawConnection.OpenAsync(haproxy.EndPoint);
        await upgrading.SendAsync(Get);
        Assert.Equal($"/x Plaintext {ProxiedServer.OwnText(upgrading)}", (await upgrading.ReadResponseAsync()).Content);
        await upgrading.UpgradeAsync();
        Assert.Equal($"/x Upgraded {ProxiedServer.OwnText(upgrading)}", (await upgrading.ReadResponseAsync()).Content);
        await upgrading.SendAsync(Get);
        Assert.Equal($"/x Upgraded {ProxiedServer.OwnText(upgrading)}", (await upgrading.ReadResponseAsync()).Content);

        await using var direct = await RawConnection.OpenAsync(haproxy.EndPoint);
        await direct.StartTlsAsync(alpn: [SslApplicationProtocol.Http11]);
        await direct.SendAsync(Get);
        Assert.Equal($"/x DirectTls {ProxiedServer.OwnText(direct)}", (await direct.ReadResponseAsync()).Content);

        // A health check is none of a client; version 1 has no word for it.
        await server.Log.WaitForAsync(line => line.Id.Name == (sendProxy == "send-proxy" ? "Proxied" : "OwnAddresses"));
        Assert.DoesNotContain(server.Log.Lines, static line => line.Id.Name == "HeaderInvalid");
    }

    /// <summary>
    /// An instance that is drained and stopped costs no request. One that is killed costs those that it had in hand, one of each client
    /// at most, and those that the system still took up for it while it was dying: its sockets close one after the other. All that begin
    /// later, on new connections or kept ones, are answered by somebody else.
    /// </summary>
    [Fact]
    public async Task ThreeInstancesUnderLoad_OneDrainedAndOneKilled_OnlyTheKilledOnesRequestsInHandFail()
    {
        Peers.Require("haproxy");
        using var files = new CertificateFiles();
        var certificate = files.WritePfx("server.pfx", TestCertificates.Server);
        var starting = new[] { "one", "two", "three" }.Select(name => StartInstanceAsync(name, certificate)).ToArray();
        await using var one = await starting[0];
        await using var two = await starting[1];
        await using var three = await starting[2];
        await using var haproxy = await HaproxyProcess.StartAsync([one.EndPoints[0], two.EndPoints[0], three.EndPoints[0]]);
        await using var load = await Load.StartAsync(haproxy.EndPoint);
        await Task.WhenAll(load.ServedAsync("one", 20), load.ServedAsync("two", 20), load.ServedAsync("three", 20));

        await DrainAsync(haproxy, load, "two");
        Assert.Equal(0, await two.TerminateAsync());
        await load.AnsweredSinceAsync(load.Now());
        Assert.Empty(load.Failed);
        var drained = load.Ended.Count;

        await using var idle = await ConnectAsync(haproxy, "three");
        await using var busy = await ConnectAsync(haproxy, "three");
        await using var other = await ConnectAsync(haproxy, "one");
        await busy.SendAsync("GET / HTTP/1.1\r\n");
        var dying = load.Now();
        await three.KillAsync();
        var killed = load.Now();
        await load.ServedAsync("one", 20);
        await load.AnsweredSinceAsync(killed);

        var failed = load.Failed;
        Assert.All(failed, request => Assert.True(request.Begun < killed, request.ToString()));
        var inHand = failed.Where(request => request.Begun < dying).ToArray();
        Assert.Distinct(inHand.Select(static request => request.Worker));
        Assert.Empty(await idle.ReadToEndAsync());
        Assert.Empty(await busy.ReadToEndAsync());
        Assert.Equal("one", await Load.AskAsync(other));
        output.WriteLine(
            $"{drained} requests while one of three instances was drained and stopped, 0 failed. "
            + $"{load.Ended.Count - drained} more of {Load.Workers} clients while one of two was killed: "
            + $"{inHand.Length} failed that it had in hand, and {failed.Length - inHand.Length} that began while it was dying.");
        foreach (var request in failed)
        {
            output.WriteLine($"{(request.Worker < Load.Pooled ? "Kept connections" : "Own connection")}: {request.Failure!.Message}");
        }
    }

    /// <summary>
    /// As the README says: the balancer sends no new connections there, and once those that were on their way have arrived, the
    /// instance can be stopped.
    /// </summary>
    private static async Task DrainAsync(HaproxyProcess haproxy, Load load, string instance)
    {
        Assert.Equal("", (await haproxy.AdministerAsync($"set server instances/{instance} state drain")).Trim());
        await load.AnsweredSinceAsync(load.Now());
    }

    /// <summary>A connection to an instance, upgraded and with nothing to do.</summary>
    private static async Task<RawConnection> ConnectAsync(HaproxyProcess haproxy, string instance)
    {
        while (true)
        {
            var connection = await RawConnection.OpenAsync(haproxy.EndPoint);
            if (await Load.UpgradeAsync(connection) == instance)
            {
                return connection;
            }

            await connection.DisposeAsync();
        }
    }

    private static Task<SampleProcess> StartInstanceAsync(string name, string certificate) => SampleProcess.StartAsync(
        "ScaleOut", "--urls=http://127.0.0.1:0", $"--Instance={name}", $"--Kestrel:Certificates:Default:Path={certificate}",
        "--TlsUpgrade:FallbackLifetime=00:00:00");
}
