using System.Net.Security;
using System.Text;
using KestrelTlsUpgrade.Testing;
using KestrelTlsUpgrade.Tunnel.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Time.Testing;

namespace KestrelTlsUpgrade.Tunnel.Tests.Conformance;

/// <summary>Tunnels that are not opened (RFC 9931 section 8).</summary>
public sealed class RefusalTests
{
    [Theory]
    [InlineData(25)]
    [InlineData(22)]
    [InlineData(6379)]
    [InlineData(8443)]
    public async Task P05_A21_OtherPort_403AndNameNotAskedFor(int port)
    {
        var resolver = new FakeResolver().Add("a.test", ["127.0.0.1"]);
        await using var proxy = await TunnelProxy.StartClosedAsync(services: services => services.Resolve(resolver));
        Assert.Equal(403, (await proxy.RefusedTargetAsync($"a.test:{port}")).Status);
        Assert.Equal(0, resolver.Count);
    }

    [Fact]
    public async Task P06_Port80_CanBeTakenOut()
    {
        await using var proxy = await TunnelProxy.StartClosedAsync(options => options.AllowedPorts.Remove(80));
        Assert.Equal(403, (await proxy.RefusedTargetAsync("8.8.8.8:80")).Status);
    }

    [Fact]
    public async Task P07_ChallengeOfTheCallback_407WithProxyAuthenticate()
    {
        await using var origin = Origin.Echo();
        await using var proxy = await TunnelProxy.StartAsync(options => options.Authorize = context => new(
            context.ProxyAuthorization == "Basic dTpw"
                ? ConnectTunnelAuthorizationResult.Allow
                : ConnectTunnelAuthorizationResult.Challenge("Basic realm=\"a\"")));
        var response = await proxy.RefusedAsync($"CONNECT {origin.Authority} HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n");
        Assert.Equal(407, response.Status);
        Assert.Equal("Basic realm=\"a\"", response["Proxy-Authenticate"]);
        Assert.Equal(0, origin.Count);
        await using var connection = await proxy.TunnelAsync(origin.Authority, "Proxy-Authorization: Basic dTpw\r\n");
    }

    [Fact]
    public async Task P12_ToItself_403()
    {
        await using var proxy = await TunnelProxy.StartAsync();
        foreach (var host in new[] { "127.0.0.1", "localhost", "127.0.0.2", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "[::]" })
        {
            Assert.Equal(403, (await proxy.RefusedTargetAsync($"{host}:{proxy.Port}")).Status);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task P23_A17_NothingBehindARefusalIsProcessed(bool isTls)
    {
        var handled = 0;
        await using var proxy = await TunnelProxy.StartClosedAsync(
            options => options.LingerTimeout = TimeSpan.FromHours(1),
            endpoint: listen =>
            {
                if (isTls)
                {
                    listen.UseHttps(https =>
                    {
                        https.ServerCertificate = TestCertificates.Server;
                        https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
                        https.AllowAnyClientCertificate();
                    });
                }
            },
            app: app => app.Run(context =>
            {
                Interlocked.Increment(ref handled);
                return context.Response.WriteAsync("handled");
            }));
        await using var connection = await proxy.ConnectAsync();
        if (isTls)
        {
            await connection.StartTlsAsync(configure: options =>
                options.ClientCertificateContext = SslStreamCertificateContext.Create(TestCertificates.Client, null, offline: true));
        }

        const string Smuggled = "GET /smuggled HTTP/1.1\r\nHost: a.test\r\n\r\n";
        await connection.SendAsync($"CONNECT 10.0.0.1:443 HTTP/1.1\r\nHost: a.test\r\n\r\n{Smuggled}");
        var response = await connection.ReadResponseAsync();
        await connection.SendAsync(Smuggled);
        Assert.Equal(403, response.Status);
        Assert.Equal("close", response["Connection"]);
        Assert.Equal("", await connection.ReadToEndAsync());
        Assert.Equal(isTls, connection.GotCloseNotify);
        Assert.Equal(0, handled);
    }

    [Theory]
    [InlineData("curl/8.14.1")]
    [InlineData("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36")]
    [InlineData("Java/21.0.8")]
    public async Task P24_CallersKnownToWaitForTheAnswer_AreClosedAsWell(string userAgent)
    {
        await using var proxy = await TunnelProxy.StartClosedAsync();
        await using var connection = await proxy.ConnectAsync();
        await connection.SendAsync(
            $"CONNECT 10.0.0.1:443 HTTP/1.1\r\nHost: a.test\r\nUser-Agent: {userAgent}\r\nProxy-Connection: keep-alive\r\nConnection: keep-alive\r\n\r\n");
        var response = await connection.ReadRefusalAsync();
        Assert.Equal((403, "close"), (response.Status, response["Connection"]));
    }

    [Fact]
    public async Task P25_CallerThatIsStillSending_ReadsAllOfTheRefusal()
    {
        var time = new FakeTimeProvider();
        await using var proxy = await TunnelProxy.StartClosedAsync(services: services => services.SetServerClock(time));
        await using var connection = await proxy.ConnectAsync();
        await connection.SendAsync("CONNECT 10.0.0.1:443 HTTP/1.1\r\nHost: a.test\r\n\r\n");
        var response = await connection.ReadResponseAsync();
        Assert.Equal((403, "Tunnels may not lead there.\n"), (response.Status, response.Content));
        for (var i = 0; i < 8; i++)
        {
            await connection.SendAsync(new byte[1024 * 1024]);
        }

        // A second of silence is enough.
        var end = connection.ReadToEndAsync();
        while (!end.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(2));
            await Task.WhenAny(end, Task.Delay(20));
        }

        Assert.Equal("", await end);
    }

    [Fact]
    public async Task P32_SlowHead_408AndEnd()
    {
        await using var proxy = await TunnelProxy.StartAsync(server: options => options.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(1));
        await using var connection = await proxy.ConnectAsync();
        await connection.SendAsync("CONNECT a.test:443 HTTP/1.1\r\nHos");
        Assert.Equal(408, (await connection.ReadRefusalAsync()).Status);
    }

    /// <summary>Too little to tell whether it is a CONNECT. Kestrel judges it, and needs no keep-alive timeout to look at it.</summary>
    [Fact]
    public async Task P32_FirstByteThenSilence_408AndEnd()
    {
        await using var proxy = await TunnelProxy.StartAsync(server: options => options.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(1));
        await using var connection = await proxy.ConnectAsync();
        await connection.SendAsync("C");
        Assert.StartsWith("HTTP/1.1 408", await connection.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task P32_SilentConnection_EndsAtTheKeepAliveTimeout()
    {
        await using var proxy = await TunnelProxy.StartAsync(server: options => options.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(1));
        await using var connection = await proxy.ConnectAsync();
        Assert.Equal("", await connection.ReadToEndAsync());
    }

    [Fact]
    public async Task P32_LargeHead_431()
    {
        await using var proxy = await TunnelProxy.StartAsync(server: options => options.Limits.MaxRequestHeadersTotalSize = 1000);
        Assert.Equal(431, (await proxy.RefusedAsync($"CONNECT a.test:443 HTTP/1.1\r\nHost: a.test\r\nX: {new string('a', 1000)}\r\n\r\n")).Status);
        Assert.Equal(431, (await proxy.RefusedAsync($"CONNECT a.test:443 HTTP/1.1\r\nHost: a.test\r\nX: {new string('a', 10000)}")).Status);
    }

    [Fact]
    public async Task P32_ManyFields_431()
    {
        await using var proxy = await TunnelProxy.StartAsync(server: options => options.Limits.MaxRequestHeaderCount = 3);
        Assert.Equal(431, (await proxy.RefusedAsync("CONNECT a.test:443 HTTP/1.1\r\nHost: a.test\r\nA: a\r\nB: b\r\nC: c\r\n\r\n")).Status);
    }

    [Fact]
    public async Task P32_LongRequestLine_414()
    {
        await using var proxy = await TunnelProxy.StartAsync(server: options => options.Limits.MaxRequestLineSize = 100);
        Assert.Equal(414, (await proxy.RefusedTargetAsync($"{new string('a', 100)}:443")).Status);
    }

    [Fact]
    public async Task OtherVersion_505()
    {
        await using var proxy = await TunnelProxy.StartAsync();
        Assert.Equal(505, (await proxy.RefusedAsync("CONNECT a.test:443 HTTP/2.0\r\nHost: a.test\r\n\r\n")).Status);
    }

    [Theory]
    [InlineData(1, 9)]
    [InlineData(9, 1)]
    public async Task P32_OneTunnelTooMany_503UntilOneEnds(int total, int perCaller)
    {
        await using var origin = Origin.Echo();
        await using var proxy = await TunnelProxy.StartAsync(options => (options.MaxTunnels, options.MaxTunnelsPerCaller) = (total, perCaller));
        await using (var first = await proxy.TunnelAsync(origin.Authority))
        {
            var response = await proxy.RefusedTargetAsync(origin.Authority);
            Assert.Equal(503, response.Status);
            Assert.Contains("error=connection_limit_reached", response["Proxy-Status"]);
            first.Shutdown();
            Assert.Equal("", await first.ReadToEndAsync());
        }

        await proxy.EndedAsync("completed");
        await using var second = await proxy.TunnelAsync(origin.Authority);
    }

    [Fact]
    public async Task P27_RefusalsHaveADateAndALength()
    {
        await using var proxy = await TunnelProxy.StartClosedAsync();
        var response = await proxy.RefusedTargetAsync("127.0.0.1:443");
        Assert.Equal(403, response.Status);
        Assert.True(DateTimeOffset.TryParse(response["Date"], out _));
        Assert.Equal(Encoding.ASCII.GetByteCount(response.Content).ToString(System.Globalization.CultureInfo.InvariantCulture), response["Content-Length"]);
        Assert.Contains("error=destination_ip_prohibited", response["Proxy-Status"]);
    }
}
