using System.Diagnostics.Metrics;
using System.Net;
using System.Text;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace KestrelTlsUpgrade.Tunnel.Tests.Hosting;

/// <summary>Where tunnels are to be had.</summary>
public sealed class WiringTests
{
    private static void UseHttps(ListenOptions listen) => listen.UseHttps(TestCertificates.Server);

    private static void UseTlsUpgrade(ListenOptions listen) => listen.UseTlsUpgrade(options =>
    {
        options.Https.ServerCertificate = TestCertificates.Server;
        options.DirectTls = DirectTlsMode.Any;
        options.AcceptedClients = TlsUpgradeClientMode.Compatible;
    });

    private static async Task AssertEchoAsync(RawConnection connection, string authority)
    {
        await connection.SendAsync($"CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n\r\nhello");
        Assert.Equal("HTTP/1.1 200 Connection established\r\n\r\n", await connection.ReadHeadAsync());
        Assert.Equal("hello", Encoding.ASCII.GetString(await connection.ReadAsync(5)));
    }

    private static ConfigurationManager Configure(WebApplicationBuilder builder, params (string Key, string? Value)[] settings)
    {
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => new KeyValuePair<string, string?>(setting.Key, setting.Value)));
        return builder.Configuration;
    }

    private static Task<UpgradeServer> StartConfiguredAsync(params (string Key, string? Value)[] settings) => UpgradeServer.StartAsync(builder =>
    {
        Configure(builder, settings);
        builder.WebHost.UseUrls("http://127.0.0.1:0").UseConnectTunnel();
    });

    [Fact]
    public async Task BehindHttps_TunnelInsideTlsAndEndsWithCloseNotify()
    {
        await using var origin = new Origin(async stream => await stream.WriteAsync("bye"u8.ToArray()));
        await using var proxy = await TunnelProxy.StartAsync(endpoint: UseHttps);
        await using var connection = await proxy.ConnectAsync();
        await connection.StartTlsAsync();
        await connection.SendAsync($"CONNECT {origin.Authority} HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.Equal(200, (await connection.ReadResponseAsync(toHead: true)).Status);
        Assert.Equal("bye", await connection.ReadToEndAsync());
        Assert.True(connection.GotCloseNotify);
    }

    [Fact]
    public async Task BehindTlsUpgrade_TunnelInClearTextAndInsideTls()
    {
        await using var origin = Origin.Echo();
        await using var proxy = await TunnelProxy.StartAsync(
            endpoint: UseTlsUpgrade, services: services => services.AddTlsUpgrade());
        await using (var plaintext = await proxy.ConnectAsync())
        {
            await AssertEchoAsync(plaintext, origin.Authority);
        }

        await using (var direct = await proxy.ConnectAsync())
        {
            await direct.StartTlsAsync();
            await AssertEchoAsync(direct, origin.Authority);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task P34_BehindTlsUpgrade_UpgradedWithOptions_TunnelInsideTls(bool isLater)
    {
        await using var origin = Origin.Echo();
        await using var proxy = await TunnelProxy.StartAsync(
            endpoint: UseTlsUpgrade, services: services => services.AddTlsUpgrade());
        await using var connection = await proxy.ConnectAsync();
        if (isLater)
        {
            await connection.SendAsync("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
            await connection.ReadResponseAsync();
        }

        await connection.SendAsync("OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: TLS/1.2\r\n\r\n");
        Assert.Equal(101, (await connection.ReadResponseAsync()).Status);
        await connection.StartTlsAsync();
        Assert.InRange((await connection.ReadResponseAsync()).Status, 200, 204);
        await AssertEchoAsync(connection, origin.Authority);
    }

    [Fact]
    public async Task BeforeTlsUpgrade_TunnelInClearTextOnly()
    {
        await using var origin = Origin.Echo();
        await using var proxy = await UpgradeServer.StartAsync(builder =>
        {
            builder.Services.AddTlsUpgrade();
            builder.WebHost.ConfigureKestrel(options => options.Listen(IPAddress.Loopback, 0, listen =>
            {
                listen.UseConnectTunnel(TunnelProxy.AllowLoopback);
                UseTlsUpgrade(listen);
            }));
        });
        await using var plaintext = await proxy.ConnectAsync();
        await AssertEchoAsync(plaintext, origin.Authority);
        await using var direct = await proxy.ConnectAsync();
        await direct.StartTlsAsync();
        await direct.SendAsync($"CONNECT {origin.Authority} HTTP/1.1\r\nHost: {origin.Authority}\r\n\r\n");
        Assert.Contains("CONNECT", (await direct.ReadResponseAsync()).Content);
        Assert.Equal(1, origin.Count);
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("Content-Length: 9\r\n", false)]
    [InlineData("transfer-encoding: chunked\r\n", false)]
    public async Task LeadingOptions_WithContent_NothingBehindItIsATunnel(string field, bool isTunnel)
    {
        await using var origin = Origin.Echo();
        await using var proxy = await TunnelProxy.StartAsync();
        await using var connection = await proxy.ConnectAsync();
        await connection.SendAsync(
            $"OPTIONS * HTTP/1.1\r\nHost: a\r\n{field}\r\nCONNECT {origin.Authority} HTTP/1.1\r\nHost: {origin.Authority}\r\n\r\n");
        Assert.True((await connection.ReadResponseAsync()).Status is 200 or 204 or 400);
        if (isTunnel)
        {
            Assert.Equal(200, (await connection.ReadResponseAsync(toHead: true)).Status);
            await connection.SendAsync("x");
            await connection.ReadAsync(1);
        }
        else
        {
            connection.Shutdown();
            await connection.ReadToEndAsync();
        }

        Assert.Equal(isTunnel ? 1 : 0, origin.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task LeadingOptions_ConnectAtOnceOrInPieces_IsATunnelWithHalfClose(bool isInPieces)
    {
        await using var origin = Origin.Echo();
        await using var proxy = await TunnelProxy.StartAsync();
        await using var connection = await proxy.ConnectAsync();
        await connection.SendAsync("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n");
        await connection.ReadResponseAsync();
        var request = $"CONNECT {origin.Authority} HTTP/1.1\r\nHost: {origin.Authority}\r\n\r\nearly";
        foreach (var piece in isInPieces ? request.Select(one => $"{one}") : [request])
        {
            await connection.SendAsync(piece);
        }

        Assert.Equal(200, (await connection.ReadResponseAsync(toHead: true)).Status);
        connection.Shutdown();
        Assert.Equal("early", await connection.ReadToEndAsync());
    }

    [Fact]
    public async Task LeadingOptions_OtherRequestsBehindIt_AreServed()
    {
        await using var proxy = await TunnelProxy.StartAsync();
        await using var connection = await proxy.ConnectAsync();
        await connection.SendAsync("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\nGET /1 HTTP/1.1\r\nHost: a\r\n\r\nGE");
        await connection.ReadResponseAsync();
        Assert.Contains("GET /1", (await connection.ReadResponseAsync()).Content);
        await connection.SendAsync("T /2 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        Assert.Contains("GET /2", (await connection.ReadResponseAsync()).Content);
        Assert.Equal("", await connection.ReadToEndAsync());
    }

    [Fact]
    public async Task BeforeHttps_StartFailsAndSaysWhy()
    {
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => UpgradeServer.StartAsync(builder =>
            builder.WebHost.ConfigureKestrel(options => options.Listen(IPAddress.Loopback, 0, listen =>
            {
                listen.UseConnectTunnel();
                UseHttps(listen);
            }))));
        Assert.Contains("Call UseHttps() first", exception.Message);
    }

    [Fact]
    public async Task Http2Only_StartFailsAndSaysWhy()
    {
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => UpgradeServer.StartAsync(builder =>
            builder.WebHost.ConfigureKestrel(options => options.Listen(IPAddress.Loopback, 0, listen =>
            {
                listen.Protocols = HttpProtocols.Http2;
                listen.UseConnectTunnel();
            }))));
        Assert.Contains("Add HTTP/1.1", exception.Message);
    }

    [Fact]
    public async Task Host_WithTlsUpgrade_BothWorkWhateverTheOrder()
    {
        foreach (var isTunnelFirst in new[] { true, false })
        {
            await using var origin = Origin.Echo();
            await using var proxy = await UpgradeServer.StartAsync(builder =>
            {
                var host = builder.WebHost.UseUrls("http://127.0.0.1:0");
                if (isTunnelFirst)
                {
                    host.UseConnectTunnel(TunnelProxy.AllowLoopback);
                }

                host.UseTlsUpgrade(options =>
                {
                    options.Https.ServerCertificate = TestCertificates.Server;
                    options.DirectTls = DirectTlsMode.Any;
                    options.AcceptedClients = TlsUpgradeClientMode.AwareOnly;
                });
                host.UseConnectTunnel(TunnelProxy.AllowLoopback);
            });
            await using var plaintext = await proxy.ConnectAsync();
            await AssertEchoAsync(plaintext, origin.Authority);
            await using var direct = await proxy.ConnectAsync();
            await direct.StartTlsAsync();
            await AssertEchoAsync(direct, origin.Authority);
        }
    }

    [Fact]
    public async Task Host_HttpsEndpoint_WorksWhereItIsAddedBehindHttps()
    {
        await using var origin = Origin.Echo();
        await using var proxy = await UpgradeServer.StartAsync(builder =>
        {
            builder.WebHost.UseConnectTunnel(TunnelProxy.AllowLoopback);
            builder.WebHost.ConfigureKestrel(options => options.Listen(IPAddress.Loopback, 0, listen =>
            {
                UseHttps(listen);
                listen.UseConnectTunnel();
            }));
        });
        await using var connection = await proxy.ConnectAsync();
        await connection.StartTlsAsync();
        await AssertEchoAsync(connection, origin.Authority);
    }

    [Fact]
    public async Task Host_EndpointsThatCannotTunnel_AreLeftAlone()
    {
        await using var proxy = await UpgradeServer.StartAsync(builder =>
        {
            builder.WebHost.UseConnectTunnel(TunnelProxy.AllowLoopback);
            builder.WebHost.ConfigureKestrel(options =>
            {
                options.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
                options.Listen(IPAddress.Loopback, 0, UseHttps);
            });
        });
        await using var connection = await RawConnection.OpenAsync(new IPEndPoint(IPAddress.Loopback, new Uri(proxy.Addresses[1]).Port));
        await connection.StartTlsAsync();
        await connection.SendAsync("CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n");
        Assert.Contains("CONNECT", (await connection.ReadResponseAsync()).Content);
    }

    [Fact]
    public async Task Host_OwnEndpointDefaultsWithTheTunnel_Work()
    {
        await using var origin = Origin.Echo();
        await using var proxy = await UpgradeServer.StartAsync(builder =>
        {
            builder.WebHost.UseUrls("http://127.0.0.1:0").UseConnectTunnel(TunnelProxy.AllowLoopback);
            builder.WebHost.ConfigureKestrel(options => options.ConfigureEndpointDefaults(listen => listen.UseConnectTunnel()));
        });
        await using var connection = await proxy.TunnelAsync(origin.Authority);
    }

    [Fact]
    public async Task Host_OwnEndpointDefaults_StartFailsAndSaysWhy()
    {
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => UpgradeServer.StartAsync(builder =>
        {
            builder.WebHost.UseUrls("http://127.0.0.1:0").UseConnectTunnel();
            builder.WebHost.ConfigureKestrel(options => options.ConfigureEndpointDefaults(_ => { }));
        }));
        Assert.Contains("ConfigureEndpointDefaults", exception.Message);
    }

    [Fact]
    public async Task Configuration_IsTakenAndCodeGoesOver()
    {
        await using var origin = Origin.Echo();
        await using var proxy = await StartConfiguredAsync(
            ("ConnectTunnel:AllowedPorts:0", $"{origin.Port}"),
            ("ConnectTunnel:AllowedOwnPorts", $"{origin.Port}"),
            ("ConnectTunnel:AllowedNetworks", "127.0.0.0/8"));
        await using (var connection = await proxy.TunnelAsync(origin.Authority))
        {
        }

        Assert.Equal(403, (await proxy.RefusedTargetAsync("8.8.8.8:443")).Status);
        await using var closed = await UpgradeServer.StartAsync(builder =>
        {
            Configure(builder, ("ConnectTunnel:AllowedNetworks:0", "127.0.0.0/8"), ("ConnectTunnel:AllowedPorts:0", $"{origin.Port}"));
            builder.WebHost.UseUrls("http://127.0.0.1:0").UseConnectTunnel(options => options.AllowedNetworks.Clear());
        });
        Assert.Equal(403, (await closed.RefusedTargetAsync(origin.Authority)).Status);
    }

    [Theory]
    [InlineData("AlowedPorts", "443", "Did you mean AllowedPorts?")]
    [InlineData("Nonsense", "1", "Use Enabled, ")]
    [InlineData("AllowedPorts", "0", "ConnectTunnel:AllowedPorts is '0'")]
    [InlineData("AllowedPorts:0", "+443", "ConnectTunnel:AllowedPorts:0 is '+443'")]
    [InlineData("AllowedPorts", "", "ConnectTunnel:AllowedPorts is ''")]
    [InlineData("AllowedOwnPorts", "0", "ConnectTunnel:AllowedOwnPorts is '0'")]
    [InlineData("AllowedNetworks", "10.0.0.0", "such as 10.1.0.0/16")]
    [InlineData("AllowedNetworks", "10/8", "such as 10.1.0.0/16")]
    [InlineData("AllowedNetworks", "10.0.0.0/33", "such as 10.1.0.0/16")]
    [InlineData("MaxTunnels", "0", "a whole number from 1 on")]
    [InlineData("MaxTunnelsPerCaller", "-1", "a whole number from 1 on")]
    [InlineData("IdleTimeout", "10", "a time of less than a day")]
    [InlineData("ConnectTimeout", "soon", "a time of less than a day")]
    [InlineData("LingerTimeout", "00:00:00", "a time of less than a day")]
    [InlineData("Enabled", "yes", "Use true, false")]
    [InlineData("ForwardProxyAuthorization", "true", "no effect without UpstreamProxy")]
    [InlineData("UpstreamProxy", "proxy", "is not a URI")]
    [InlineData("UpstreamProxy", "ftp://proxy", "http://proxy:port or https://proxy:port")]
    [InlineData("UpstreamProxy", "http://proxy/path", "with nothing behind it")]
    [InlineData("AuthorizationPolicy", "nobody", "there is no authorization policy 'nobody'")]
    [InlineData("AuthorizationPolicy", "", "It is empty")]
    [InlineData("ProxyChallenge", "Basic", "no effect without AuthorizationPolicy")]
    [InlineData("Authorize", "x", "ConnectTunnel:Authorize is not a setting")]
    public async Task Configuration_WhatCannotBeTaken_StartFailsAndSaysWhy(string key, string value, string expected)
    {
        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => StartConfiguredAsync(($"ConnectTunnel:{key}", value)));
        Assert.Contains(expected, exception.Message);
    }

    [Fact]
    public async Task Code_WhatCannotBeTaken_StartFailsAndSaysAllOfIt()
    {
        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => TunnelProxy.StartClosedAsync(options =>
        {
            options.AllowedPorts.Add(65536);
            (options.MaxTunnels, options.MaxTunnelsPerCaller) = (0, 0);
            (options.ConnectTimeout, options.LingerTimeout, options.IdleTimeout) =
                (Timeout.InfiniteTimeSpan, TimeSpan.Zero, TimeSpan.FromDays(1));
            options.Authorize = _ => default;
            options.AuthorizationPolicy = "a";
            options.ProxyChallenge = "a\r\nb";
            options.UpstreamProxy = new Uri("http://u:secret@proxy:1");
            options.UpstreamProxySsl = new();
            options.ForwardProxyAuthorization = true;
        }));
        foreach (var name in new[]
        {
            "AllowedPorts", "MaxTunnels", "MaxTunnelsPerCaller", "ConnectTimeout", "LingerTimeout", "IdleTimeout",
            "AuthorizationPolicy", "ProxyChallenge", "UpstreamProxySsl", "ForwardProxyAuthorization",
        })
        {
            Assert.Contains($"Property {name}:", exception.Message);
        }

        Assert.DoesNotContain("secret", exception.Message);
    }

    [Fact]
    public async Task Configuration_EveryOption_HasAKey()
    {
        var names = typeof(ConnectTunnelOptions).GetProperties().Select(property => property.Name);
        Assert.Equal(
            names.Except([nameof(ConnectTunnelOptions.Authorize), nameof(ConnectTunnelOptions.UpstreamProxySsl)]).Order(),
            AcceptedNames.At("?", static (section, errors) => Internal.Configuration.TunnelSection.Read(section, new(), errors)).Order());
        await using var proxy = await StartConfiguredAsync(
            ("ConnectTunnel:Enabled", "false"), ("ConnectTunnel:IdleTimeout", "00:01:00"), ("ConnectTunnel:UpstreamProxy", "https://u:p@proxy:1"));
        await using var connection = await proxy.ConnectAsync();
        await connection.SendAsync("CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n");
        Assert.Contains("CONNECT", (await connection.ReadResponseAsync()).Content);
    }

    [Fact]
    public async Task Metrics_ActiveBytesAndDurationWithOutcome()
    {
        await using var origin = Origin.Echo();
        await using var proxy = await TunnelProxy.StartAsync(services: services => services.AddMetrics());
        var meters = proxy.Services.GetRequiredService<IMeterFactory>();
        using var active = new MetricCollector<long>(meters, "KestrelTlsUpgrade.Tunnel", "tls_upgrade.tunnel.active");
        using var bytes = new MetricCollector<long>(meters, "KestrelTlsUpgrade.Tunnel", "tls_upgrade.tunnel.bytes");
        using var duration = new MetricCollector<double>(meters, "KestrelTlsUpgrade.Tunnel", "tls_upgrade.tunnel.duration");
        await using (var connection = await proxy.TunnelAsync(origin.Authority, early: "hello"))
        {
            await connection.ReadAsync(5);
            Assert.Equal(1, active.LastMeasurement!.Value);
            connection.Shutdown();
            await connection.ReadToEndAsync();
        }

        await duration.WaitForMeasurementsAsync(1, RawConnection.Patience);
        Assert.Equal("completed", duration.LastMeasurement!.Tags["tls_upgrade.outcome"]);
        Assert.Equal([1, -1], active.GetMeasurementSnapshot().Select(measurement => measurement.Value));
        Assert.Equal([5, 5], bytes.GetMeasurementSnapshot().Select(measurement => measurement.Value));
        Assert.Equal(["transmit", "receive"], bytes.GetMeasurementSnapshot().Select(measurement => measurement.Tags["network.io.direction"]));
        await proxy.RefusedTargetAsync("a.test:0");
        await duration.WaitForMeasurementsAsync(2, RawConnection.Patience);
        Assert.Equal("bad_request", duration.LastMeasurement!.Tags["tls_upgrade.outcome"]);
    }

    [Fact]
    public void Metrics_EveryOutcome_HasANameOfItsOwn()
    {
        var names = Enum.GetValues<Internal.TunnelOutcome>().Select(Internal.TunnelMetrics.NameOf).ToArray();
        Assert.Equal(names.Length, names.Distinct().Count());
        Assert.All(names, name => Assert.Matches("^[a-z_]+$", name));
    }

    [Fact]
    public async Task Feature_IsThereForMiddlewareOutside()
    {
        var seen = new TaskCompletionSource<IConnectTunnelFeature?>();
        var running = new TaskCompletionSource<IConnectTunnelFeature?>();
        await using var origin = Origin.Echo();
        await using var proxy = await TunnelProxy.StartAsync(endpoint: listen => listen.Use(next => async context =>
        {
            context.ConnectionClosed.Register(() => running.SetResult(context.Features.Get<IConnectTunnelFeature>()));
            await next(context);
            seen.SetResult(context.Features.Get<IConnectTunnelFeature>());
        }));
        await using (var connection = await proxy.TunnelAsync(origin.Authority, early: "hello"))
        {
            await connection.ReadAsync(5);
            connection.Shutdown();
            await connection.ReadToEndAsync();
        }

        var tunnel = await seen.Task.WaitAsync(RawConnection.Patience);
        Assert.NotNull(tunnel);
        Assert.Same(tunnel, await running.Task.WaitAsync(RawConnection.Patience));
        Assert.Equal(("127.0.0.1", origin.Port, 5, 5), (tunnel.Host, tunnel.Port, tunnel.BytesSent, tunnel.BytesReceived));
        Assert.Equal(new IPEndPoint(IPAddress.Loopback, origin.Port), tunnel.Destination);
    }

    [Fact]
    public async Task Feature_Abort_EndsTheTunnel()
    {
        ConnectionContext? connectionContext = null;
        await using var origin = Origin.Echo();
        await using var proxy = await TunnelProxy.StartAsync(endpoint: listen => listen.Use(next => context =>
        {
            connectionContext = context;
            return next(context);
        }));
        await using var connection = await proxy.TunnelAsync(origin.Authority);
        connectionContext!.Features.Get<IConnectTunnelFeature>()!.Abort();
        await connection.ReadToEndAsync();
        await proxy.EndedAsync("aborted");
        await origin.ServedAsync();
    }

    [Fact]
    public async Task Log_OneLinePerConnect()
    {
        await using var origin = Origin.Echo();
        await using var proxy = await TunnelProxy.StartAsync();
        await proxy.RefusedTargetAsync("a.test:0");
        await using (var connection = await proxy.TunnelAsync(origin.Authority))
        {
        }

        await proxy.EndedAsync("bad_request");
        await proxy.EndedAsync("completed");
        var lines = proxy.Log.Lines.Where(line => line.Category == "KestrelTlsUpgrade.Tunnel").ToArray();
        Assert.Equal(2, lines.Length);
        Assert.Single(lines, line => line.Message.Contains($"CONNECT {origin.Authority} from 127.0.0.1:", StringComparison.Ordinal));
        Assert.All(lines, line => Assert.Equal("Tunnel", line.Id.Name));
    }

    [Fact]
    public async Task Log_RefusedAgainAndAgain_TenLinesAMinuteBesideThoseOfTunnels()
    {
        var time = new FakeTimeProvider();
        await using var origin = Origin.Echo();
        await using var proxy = await TunnelProxy.StartAsync(services: services => services.SetServerClock(time));
        for (var i = 0; i < 25; i++)
        {
            await proxy.RefusedTargetAsync("a.test:0");
        }

        for (var i = 0; i < 2; i++)
        {
            await using var connection = await proxy.TunnelAsync(origin.Authority);
        }

        await proxy.Log.WaitForAsync(_ => Count("completed") == 2);
        await proxy.StopAsync();
        Assert.Equal(10, Count("bad_request"));

        time.Advance(TimeSpan.FromMinutes(1));
        var line = await proxy.Log.WaitForAsync(static line => line.Id.Name == "LinesLeftOut");
        Assert.Equal(("KestrelTlsUpgrade.Tunnel", LogLevel.Information), (line.Category, line.Level));
        Assert.StartsWith("15 more lines about connections from 127.0.0.1 ", line.Message);

        int Count(string outcome) => proxy.Log.Lines.Count(line => line.Id.Name == "Tunnel" && line.Message.Contains($": {outcome}, status", StringComparison.Ordinal));
    }
}
