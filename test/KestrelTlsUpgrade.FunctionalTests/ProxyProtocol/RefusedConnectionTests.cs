using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using System.Text;
using KestrelTlsUpgrade.ProxyProtocol;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using static KestrelTlsUpgrade.FunctionalTests.ProxyProtocol.ProxiedServer;

namespace KestrelTlsUpgrade.FunctionalTests.ProxyProtocol;

/// <summary>What is let through is a connection from a trusted address with a whole, valid header, and nothing else.</summary>
public sealed class RefusedConnectionTests
{
    private const string Get = "GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n";

    [Theory]
    [InlineData("a header")]
    [InlineData("no header")]
    [InlineData("nothing")]
    public async Task SourceNotTrusted_ClosedUnread(string sent)
    {
        await using var server = await StartAsync(static options =>
        {
            options.KnownProxies.Add(IPAddress.Parse("127.0.0.2"));
            options.KnownIPNetworks.Add(IPNetwork.Parse("192.0.2.0/24"));
        });
        await using var connection = await server.ConnectAsync();
        if (sent != "nothing")
        {
            await connection.SendAsync(sent == "a header" ? Encoding.Latin1.GetString(Header(2)) + Get : Get);
        }

        Assert.Empty(await connection.ReadToEndAsync());
        var line = await server.Log.WaitForAsync(static line => line.Id.Name == "SourceNotTrusted");
        Assert.Equal(LogLevel.Debug, line.Level);
        Assert.Contains("127.0.0.1", line.Message);
        AssertNothingServed(server);
    }

    [Theory]
    [InlineData("GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n", "signature")]
    [InlineData("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\nGET /x HTTP/1.1\r\nHost: localhost\r\n\r\n", "CR LF")]
    [InlineData("PROXY TCP4 192.0.2.01 192.0.2.2 1 2\r\nGET /x HTTP/1.1\r\nHost: localhost\r\n\r\n", "address")]
    [InlineData("\u0016\u0003\u0001", "signature")]
    public async Task TrustedSourceWithoutAHeader_ClosedAndWarned(string sent, string fault)
    {
        await using var server = await StartAsync();
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(sent);
        Assert.Empty(await connection.ReadToEndAsync());
        await AssertWarnedAsync(server, fault);
    }

    [Fact]
    public async Task WrongChecksum_ClosedAndWarned()
    {
        var header = ProxyHeaders.WithChecksum(ProxyHeaders.Block(ProxiedServer.Client, Front));
        header[16] ^= 1;
        await using var server = await StartAsync();
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(header);
        await connection.SendAsync(Get);
        Assert.Empty(await connection.ReadToEndAsync());
        await AssertWarnedAsync(server, "checksum");
    }

    [Fact]
    public async Task EndWithinTheHeader_ClosedAndWarned()
    {
        await using var server = await StartAsync();
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(Header(2).AsMemory(0, 20));
        connection.Shutdown();
        Assert.Empty(await connection.ReadToEndAsync());
        await AssertWarnedAsync(server, "ended");
    }

    /// <summary>However slowly it goes on, it has to be whole in time.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(17)]
    public async Task HeaderNotWholeInTime_ClosedAndWarned(int length)
    {
        await using var server = await StartAsync(static options =>
        {
            TrustLoopback(options);
            options.HeaderTimeout = TimeSpan.FromMilliseconds(1);
        });
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(Header(1).AsMemory(0, length));
        Assert.Empty(await connection.ReadToEndAsync());
        await AssertWarnedAsync(server, "time");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    public async Task ShutdownBeforeTheHeaderIsWhole_ConnectionEnds(int length)
    {
        await using var server = await StartAsync();
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(Header(2).AsMemory(0, length));
        await server.Log.WaitForAsync(static line => line.Id.Name == "ConnectionStart");
        await server.StopAsync(TestContext.Current.CancellationToken);
        Assert.Empty(await connection.ReadToEndAsync());
        Assert.Contains(server.Log.Lines, static line => line.Id.Name == "NoHeader");
    }

    /// <summary>Its reset is no error, and is not one of the proxy's configuration.</summary>
    [Fact]
    public async Task ResetBeforeTheHeader_EndsWithoutAWarning()
    {
        await using var server = await StartAsync();
        await using var connection = await server.ConnectAsync();
        await server.Log.WaitForAsync(static line => line.Id.Name == "ConnectionStart");
        connection.Reset();
        await server.Log.WaitForAsync(static line => line.Id.Name == "NoHeader");
        Assert.DoesNotContain(server.Log.Lines, static line => line.Id.Name == "HeaderInvalid");
    }

    [Theory]
    [InlineData(true, "proxy_protocol_header_invalid")]
    [InlineData(false, "proxy_protocol_source_not_trusted")]
    public async Task Refused_DurationOfTheConnectionSaysWhy(bool isTrusted, string error)
    {
        // Kestrel tags a duration that somebody measures.
        using var meters = new MeterListener();
        meters.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Name == "kestrel.connection.duration")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        meters.Start();
        using var probe = new ConnectionProbe();
        await using var server = await StartAsync(
            options => options.KnownProxies.Add(isTrusted ? IPAddress.Loopback : IPAddress.None), endpoint: probe.Attach);
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(Get);
        Assert.Empty(await connection.ReadToEndAsync());
        Assert.Equal([new("error.type", error)], await probe.EndAsync());
    }

    [Fact]
    public async Task NobodyTrusted_Throws()
    {
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => StartAsync(static _ => { }));
        Assert.Contains("trusts nobody", exception.Message);
        Assert.Contains(nameof(ProxyProtocolOptions.KnownProxies), exception.Message);
        Assert.Contains(nameof(ProxyProtocolOptions.KnownIPNetworks), exception.Message);
    }

    [Fact]
    public async Task BehindHttps_Throws()
    {
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(
            () => StartAsync(endpoint: static listen => listen.UseHttps(TestCertificates.Server)));
        Assert.Contains("behind UseHttps()", exception.Message);
    }

    [Fact]
    public async Task UnixSocket_Throws()
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => UpgradeServer.StartAsync(builder =>
            builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(path, static listen => listen.UseProxyProtocol(TrustLoopback)))));
        Assert.Contains("no address", exception.Message);
    }

    /// <summary>Kestrel has connections of QUIC go another way, where no header is read and everybody would be let in.</summary>
    [Theory]
    [InlineData(HttpProtocols.Http3, "127.0.0.1")]
    [InlineData(HttpProtocols.Http1AndHttp2AndHttp3, "127.0.0.1")]
    [InlineData(HttpProtocols.Http3, "any")]
    [InlineData(HttpProtocols.Http1AndHttp2AndHttp3, "any")]
    public async Task Http3_DoesNotStart(HttpProtocols protocols, string address)
    {
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => UpgradeServer.StartAsync(builder =>
        {
            builder.Services.AddSingleton<IMultiplexedConnectionListenerFactory, BindingToQuic>();
            builder.WebHost.ConfigureKestrel(kestrel =>
            {
                if (address == "any")
                {
                    kestrel.ListenAnyIP(FreePort.Find(), Configure);
                }
                else
                {
                    kestrel.Listen(IPAddress.Parse(address), FreePort.Find(), Configure);
                }
            });
        }));
        Assert.Contains("Remove HTTP/3", exception.Message);

        void Configure(ListenOptions listen)
        {
            listen.UseProxyProtocol(TrustLoopback);
            listen.UseHttps(TestCertificates.Server);
            listen.Protocols = protocols;
        }
    }

    /// <summary>Where Kestrel has no QUIC it does without, and so does the endpoint.</summary>
    [Fact]
    public async Task Http3WithoutQuic_Starts()
    {
        await using var server = await StartAsync(
            endpoint: static listen => listen.Protocols = HttpProtocols.Http1AndHttp2AndHttp3);
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(Header(2));
        await connection.SendAsync(Get);
        Assert.Equal($"/x Plaintext {ProxiedText}", (await connection.ReadResponseAsync()).Content);
    }

    [Fact]
    public async Task NoArguments_Throw()
    {
        await Assert.ThrowsAsync<ArgumentNullException>(() => StartAsync(endpoint: static listen => listen.UseProxyProtocol(null!)));
        Assert.Throws<ArgumentNullException>(static () => ListenOptionsProxyProtocolExtensions.UseProxyProtocol(null!, TrustLoopback));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task TrustedSourceWithoutAHeader_AgainAndAgain_TenLinesAMinute(bool hasUpgrade)
    {
        var time = new FakeTimeProvider();
        await using var server = await UpgradeServer.StartAsync(builder =>
        {
            builder.Services.SetServerClock(time);
            if (hasUpgrade)
            {
                builder.Services.AddTlsUpgrade();
            }

            builder.WebHost.ConfigureKestrel(static options =>
                options.Listen(IPAddress.Loopback, 0, static endpoint => endpoint.UseProxyProtocol(TrustLoopback)));
        });
        for (var i = 0; i < 13; i++)
        {
            await using var connection = await server.ConnectAsync();
            await connection.SendAsync(Get);
            Assert.Empty(await connection.ReadToEndAsync());
        }

        Assert.Equal(10, server.Log.Lines.Count(static line => line.Id.Name == "HeaderInvalid"));
        time.Advance(TimeSpan.FromMinutes(1));
        var left = await server.Log.WaitForAsync(static line => line.Id.Name == "LinesLeftOut");
        Assert.Equal(
            (LogLevel.Warning, "3 more lines about connections from 127.0.0.1 were left out within a minute."), (left.Level, left.Message));
        Assert.Equal(server.Log.Lines.First(static line => line.Id.Name == "HeaderInvalid").Category, left.Category);
    }

    private static async Task AssertWarnedAsync(UpgradeServer server, string fault)
    {
        var line = await server.Log.WaitForAsync(static line => line.Id.Name == "HeaderInvalid");
        Assert.Equal(LogLevel.Warning, line.Level);
        Assert.Contains(fault, line.Message);
        Assert.Contains("127.0.0.1", line.Message);
        AssertNothingServed(server);
    }

    private static void AssertNothingServed(UpgradeServer server) =>
        Assert.DoesNotContain(server.Log.Lines, static line => line.Id.Name is "RequestStarting" or "Proxied" or "Upgraded" or "ConnectionBadRequest");

    private sealed class BindingToQuic : IMultiplexedConnectionListenerFactory
    {
        public ValueTask<IMultiplexedConnectionListener> BindAsync(
            EndPoint endpoint, IFeatureCollection? features = null, CancellationToken cancellationToken = default) =>
            throw new UnreachableException("The endpoint was bound to QUIC.");
    }
}
