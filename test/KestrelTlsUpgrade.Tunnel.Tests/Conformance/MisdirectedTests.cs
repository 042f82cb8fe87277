using System.Net;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.HostFiltering;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace KestrelTlsUpgrade.Tunnel.Tests.Conformance;

/// <summary>Requests in absolute-form, of clients that have the server as their proxy (RFC 9112 section 3.2.2).</summary>
public sealed class MisdirectedTests
{
    private int _served;

    private void Serve(WebApplication app) => app.Run(context =>
    {
        Interlocked.Increment(ref _served);
        return context.Response.WriteAsync($"host={context.Request.Host}");
    });

    private Task<UpgradeServer> StartAsync(
        Action<ConnectTunnelOptions>? configure = null, Action<IServiceCollection>? services = null, Action<WebApplication>? app = null) =>
        TunnelProxy.StartAsync(configure, services: services, app: app ?? Serve);

    private static async Task<RawResponse> AskAsync(UpgradeServer server, string target)
    {
        await using var connection = await server.ConnectAsync();
        var port = $"{server.Port}";
        target = target.Replace("{port}", port, StringComparison.Ordinal);

        // Kestrel wants the field to be the authority as it understands it.
        var host = target.Split("//")[1].Split('/', '?')[0].Split('@')[^1].ToLowerInvariant();
        await connection.SendAsync($"GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n");
        return await connection.ReadResponseAsync();
    }

    [Theory]
    [InlineData("http://bank.example/")]
    [InlineData("http://bank.example:{port}/")]
    [InlineData("https://bank.example/")]
    [InlineData("HTTP://bank.example/")]
    [InlineData("http://bank.example?x=y")]
    [InlineData("http://localhost/")]
    [InlineData("http://localhost:1/")]
    [InlineData("http://127.0.0.1/")]
    [InlineData("http://192.0.2.1:{port}/")]
    [InlineData("http://[2001:db8::1]:{port}/")]
    [InlineData("http://localhost:{port}@bank.example/")]
    [InlineData("http://localhost.bank.example:{port}/")]
    [InlineData("http:///")]
    public async Task OtherAuthority_421AndEnd(string target)
    {
        await using var proxy = await StartAsync();
        var response = await AskAsync(proxy, target);
        Assert.Equal((421, "close"), (response.Status, response["Connection"]));
        Assert.Contains("does not forward requests", response.Content, StringComparison.Ordinal);
        Assert.Null(response["Proxy-Status"]);
        Assert.Equal(0, _served);
        var authority = target.Replace("{port}", $"{proxy.Port}", StringComparison.Ordinal).Split("//")[1].Split('/', '?')[0];
        await proxy.Log.WaitForAsync(line =>
            line.Id.Name == "Misdirected" && line.Message.StartsWith($"A request for {authority} from ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("http://localhost:{port}/")]
    [InlineData("http://LocalHost:{port}/x?y=z")]
    [InlineData("http://localhost.:{port}/")]
    [InlineData("http://127.0.0.1:{port}/")]
    [InlineData("http://127.0.0.2:{port}/")]
    [InlineData("http://[::1]:{port}/")]
    [InlineData("http://user@localhost:{port}/")]
    public async Task OwnAuthority_IsServed(string target)
    {
        await using var proxy = await StartAsync();
        Assert.Equal(200, (await AskAsync(proxy, target)).Status);
    }

    [Fact]
    public async Task NameOfTheMachine_IsServed()
    {
        await using var proxy = await StartAsync();
        Assert.Equal(200, (await AskAsync(proxy, $"http://{Dns.GetHostName()}:{{port}}/")).Status);
    }

    /// <summary>In all other forms a name means what it meant before.</summary>
    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: bank.example\r\n\r\n")]
    [InlineData("GET /http://bank.example/ HTTP/1.1\r\nHost: bank.example\r\n\r\n")]
    [InlineData("GET /?x=http://bank.example/ HTTP/1.1\r\nHost: bank.example\r\n\r\n")]
    [InlineData("OPTIONS * HTTP/1.1\r\nHost: bank.example\r\n\r\n")]
    public async Task OtherForm_IsServedUnderEveryName(string request)
    {
        await using var proxy = await StartAsync();
        await using var connection = await proxy.ConnectAsync();
        await connection.SendAsync(request);
        var response = await connection.ReadResponseAsync();
        Assert.Equal((200, "host=bank.example"), (response.Status, response.Content));
    }

    [Theory]
    [InlineData("one")]
    [InlineData("bytes")]
    public async Task OtherAuthorityBehindServedRequests_421AndNothingBehindItIsProcessed(string way)
    {
        await using var proxy = await StartAsync();
        await using var connection = await proxy.ConnectAsync();
        const string Requests = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx"
            + "POST http://bank.example/ HTTP/1.1\r\nHost: bank.example\r\nContent-Length: 9\r\n\r\n123456789"
            + "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
        foreach (var piece in way == "one" ? [Requests] : Requests.Select(static one => $"{one}"))
        {
            await connection.SendAsync(piece);
        }

        Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
        Assert.Equal(421, (await connection.ReadResponseAsync()).Status);
        Assert.Equal("", await connection.ReadToEndAsync());
        Assert.Equal(1, _served);
    }

    /// <summary>Kestrel limits the line, and not the method.</summary>
    [Theory]
    [InlineData(32)]
    [InlineData(33)]
    [InlineData(500)]
    [InlineData(8100)]
    [InlineData(8191)]
    [InlineData(8192)]
    public async Task LongMethod_IsRefused(int length)
    {
        foreach (var first in new[] { "", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n" })
        {
            foreach (var pieces in new[] { 1, 7 })
            {
                _served = 0;
                await using var proxy = await StartAsync();
                await using var connection = await proxy.ConnectAsync();
                var requests = $"{first}{new string('M', length)} http://bank.example/ HTTP/1.1\r\nHost: bank.example\r\n\r\n";
                foreach (var piece in requests.Chunk((requests.Length / pieces) + 1))
                {
                    await connection.SendAsync(new string(piece));
                }

                if (first.Length > 0)
                {
                    Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
                }

                var status = (await connection.ReadResponseAsync()).Status;
                Assert.True(status == 421 || (status == 414 && length > 8100), $"{status}");
                Assert.Equal(first.Length > 0 ? 1 : 0, _served);
            }
        }
    }

    /// <summary>A method may be as long as the line allows.</summary>
    [Theory]
    [InlineData(33)]
    [InlineData(8100)]
    public async Task LongMethodForTheApplication_IsServed(int length)
    {
        await using var proxy = await StartAsync();
        await using var connection = await proxy.ConnectAsync();
        foreach (var piece in $"{new string('M', length)} / HTTP/1.1\r\nHost: a\r\n\r\n".Chunk(3000))
        {
            await connection.SendAsync(new string(piece));
        }

        Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
    }

    /// <summary>No spelling of the request line gets the application's content.</summary>
    [Theory]
    [InlineData("GET  http://bank.example/ HTTP/1.1")]
    [InlineData("GET http:/bank.example/ HTTP/1.1")]
    [InlineData("GET http://bank.example\\@localhost/ HTTP/1.1")]
    [InlineData("GET http://bank.example HTTP/1.0")]
    [InlineData("GET\thttp://bank.example/ HTTP/1.1")]
    [InlineData("GET ftp://bank.example/ HTTP/1.1")]
    [InlineData("\r\n\r\nGET http://bank.example/ HTTP/1.1")]
    public async Task OtherSpelling_IsRefused(string line)
    {
        await using var proxy = await StartAsync();
        await using var connection = await proxy.ConnectAsync();
        await connection.SendAsync($"{line}\r\nHost: bank.example\r\n\r\n");
        Assert.True((await connection.ReadResponseAsync()).Status is 400 or 421);
        Assert.Equal(0, _served);
    }

    [Fact]
    public async Task Head_NoContent()
    {
        await using var proxy = await StartAsync();
        await using var connection = await proxy.ConnectAsync();
        await connection.SendAsync("HEAD http://bank.example/ HTTP/1.1\r\nHost: bank.example\r\n\r\n");
        var response = await connection.ReadResponseAsync(toHead: true);
        Assert.Equal(421, response.Status);
        Assert.NotEqual("0", response["Content-Length"]);
        connection.Shutdown();
        Assert.Equal("", await connection.ReadToEndAsync());
    }

    [Theory]
    [InlineData("www.example.com", "http://www.example.com/", 200)]
    [InlineData("www.example.com", "http://WWW.example.com:81/", 200)]
    [InlineData("www.example.com", "http://example.com/", 421)]
    [InlineData("www.example.com:81", "http://www.example.com:81/", 200)]
    [InlineData("www.example.com:81", "http://www.example.com/", 421)]
    [InlineData("www.example.com:80", "http://www.example.com/", 200)]
    [InlineData("*.example.com", "http://a.b.example.com/", 200)]
    [InlineData("*.example.com", "http://example.com/", 421)]
    [InlineData("*.example.com", "http://badexample.com/", 421)]
    [InlineData("192.0.2.1", "http://192.0.2.1/", 200)]
    [InlineData("[2001:db8::1]", "http://[2001:db8::1]/", 200)]
    [InlineData("*", "http://bank.example/", 200)]
    public async Task ServedHosts_AreServedToo(string setting, string target, int status)
    {
        await using var proxy = await StartAsync(options => options.ServedHosts.Add(setting));
        Assert.Equal(status, (await AskAsync(proxy, target)).Status);
        Assert.Equal(200, (await AskAsync(proxy, "http://localhost:{port}/")).Status);
    }

    [Theory]
    [InlineData("a b")]
    [InlineData("")]
    [InlineData("http://www.example.com/")]
    [InlineData("www.example.com:0")]
    [InlineData("*.*.example.com")]
    [InlineData("*.192.0.2.1")]
    [InlineData("*:80")]
    public async Task ServedHosts_ThatAreNone_FailTheStart(string setting)
    {
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => StartAsync(options => options.ServedHosts.Add(setting)));
        Assert.Contains($"ServedHosts: '{setting}' is not a host", failure.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://www.example.com/", 200)]
    [InlineData("http://www.example.com:{port}/", 200)]
    [InlineData("http://a.example.net/", 200)]
    [InlineData("http://www.example.com:1/", 421)]
    [InlineData("http://bank.example/", 421)]
    public async Task AllowedHosts_AreServed(string target, int status)
    {
        await using var proxy = await StartAsync(services: services => services.Configure<HostFilteringOptions>(options =>
            options.AllowedHosts = ["www.example.com", "*.example.net"]));
        Assert.Equal(status, (await AskAsync(proxy, target)).Status);
    }

    [Fact]
    public async Task AllowedHosts_ThatAreAll_SayNothing()
    {
        await using var proxy = await StartAsync(services: services => services.Configure<HostFilteringOptions>(options => options.AllowedHosts = ["*"]));
        Assert.Equal(421, (await AskAsync(proxy, "http://bank.example/")).Status);
    }

    [Theory]
    [InlineData("urls", "http://127.0.0.1:0;http://www.example.com:81", "http://www.example.com:81/", 200)]
    [InlineData("urls", "http://127.0.0.1:0;http://www.example.com:81", "http://www.example.com/", 421)]
    [InlineData("Kestrel:Endpoints:a:Url", "http://www.example.com:81", "http://www.example.com:81/", 200)]
    public async Task HostsInTheServersAddresses_AreServed(string key, string addresses, string target, int status)
    {
        // The address with the name is not bound: endpoints from code take the place of those from the configuration.
        await using var proxy = await UpgradeServer.StartAsync(
            builder =>
            {
                builder.Configuration.AddInMemoryCollection([new(key, addresses)]);
                builder.WebHost.ConfigureKestrel(options => options.Listen(IPAddress.Loopback, 0, listen => listen.UseConnectTunnel()));
            },
            Serve);
        Assert.Equal(status, (await AskAsync(proxy, target)).Status);
    }

    [Fact]
    public async Task EndpointWithoutTunnels_IsAsBefore()
    {
        await using var proxy = await StartAsync(options => options.Enabled = false);
        Assert.Equal(200, (await AskAsync(proxy, "http://bank.example/")).Status);
    }

    [Fact]
    public async Task Curl_WithTheServerAsHttpProxy_SeesTheStatus()
    {
        await using var proxy = await StartAsync();
        var (code, output) = await Peers.RunAsync("", "curl", "-sS", "--noproxy", "", "-x", $"http://127.0.0.1:{proxy.Port}", "-w", "%{http_code}", "http://bank.example/");
        Assert.Equal(0, code);
        Assert.EndsWith("421", output.Trim(), StringComparison.Ordinal);
    }
}
