using System.Net;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.FunctionalTests.Configuration;

/// <summary>
/// The certificate is in the environment and the rules are in a file, as in most containers. A file that cannot be read takes none of
/// the rules away.
/// </summary>
public sealed class BrokenFileTests : IDisposable
{
    private const string Rules = """{ "TlsUpgrade": { "AcceptedClients": "AwareOnly", "ClientCertificateMode": "RequireCertificate", "SslProtocols": "Tls13" } }""";

    private readonly CertificateFiles _files = new();
    private readonly PushedSettings _pushed = new();

    public void Dispose() => _files.Dispose();

    public static TheoryData<string> Broken { get; } =
    [
        """{ "TlsUpgrade": { "AcceptedClients": "AwareOnly" "ClientCertificateMode": "RequireCertificate" } }""",
        Rules[..40],
        "",
        "nothing of the kind",
    ];

    [Theory]
    [MemberData(nameof(Broken))]
    public async Task CannotBeRead_WhatWasStays_AndItIsSaidOnce(string broken)
    {
        await using var server = await StartAsync();
        await AssertStrictAsync(server);

        Write(broken);
        var line = await server.Log.WaitForAsync(line => line.Id.Name is "ConfigurationNotRead" or "SettingsReloaded");
        Assert.Equal(("ConfigurationNotRead", LogLevel.Error), (line.Id.Name, line.Level));
        Assert.Contains(_files.GetPath("appsettings.json"), line.Message, StringComparison.Ordinal);
        await AssertStrictAsync(server);

        // The token of another provider fires while this one is empty.
        _pushed.Push("TlsUpgrade:Advertise", "EveryResponse");
        await server.Log.WaitForAsync(IsReloaded);
        await AssertStrictAsync(server);
        Assert.Single(server.Log.Lines, static line => line.Id.Name is "ConfigurationNotRead");
        var entry = await CheckHealthAsync(server);
        Assert.Equal(HealthStatus.Degraded, entry.Status);
        Assert.Equal(true, entry.Data["stale"]);
        Assert.Contains("appsettings.json", entry.Description, StringComparison.Ordinal);

        Write("""{ "TlsUpgrade": { "AcceptedClients": "Compatible" } }""");
        await server.Log.WaitForAsync(static line => line.Id.Name is "ConfigurationReadAgain");
        await UntilUpgradedAsync(server);
        entry = await CheckHealthAsync(server);
        Assert.Equal(HealthStatus.Healthy, entry.Status);
        Assert.Equal(false, entry.Data["stale"]);
    }

    /// <summary>The provider then fires its token, although it has lost everything.</summary>
    [Fact]
    public async Task CannotBeRead_AndTheApplicationIgnoresThat_WhatWasStays()
    {
        await using var server = await StartAsync(source => source.OnLoadException = static context => context.Ignore = true);
        Write("{");
        var line = await server.Log.WaitForAsync(line => line.Id.Name is "ConfigurationNotRead" or "SettingsReloaded");
        Assert.Equal("ConfigurationNotRead", line.Id.Name);
        _pushed.Push("TlsUpgrade:Advertise", "EveryResponse");
        await server.Log.WaitForAsync(IsReloaded);
        await AssertStrictAsync(server);
    }

    /// <summary>A file that is gone is not one that says something else.</summary>
    [Fact]
    public async Task IsGone_WhatWasStays_UntilItIsBack()
    {
        await using var server = await StartAsync();
        File.Delete(_files.GetPath("appsettings.json"));
        var line = await server.Log.WaitForAsync(line => line.Id.Name is "ConfigurationNotRead" or "SettingsReloaded");
        Assert.Equal("ConfigurationNotRead", line.Id.Name);
        await AssertStrictAsync(server);
        Write(Rules);
        await server.Log.WaitForAsync(static line => line.Id.Name is "ConfigurationReadAgain");
        await AssertStrictAsync(server);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{ "TlsUpgrade": {} }""")]
    [InlineData("""{ "Other": "setting" }""")]
    public async Task HasNoSectionAnyMore_IsAStateLikeAnyOther(string without)
    {
        await using var server = await StartAsync();
        await AssertStrictAsync(server);
        Write(without);
        await server.Log.WaitForAsync(IsReloaded);
        Assert.True(await IsUpgradedAsync(server));
        Assert.Equal(HealthStatus.Healthy, (await CheckHealthAsync(server)).Status);
    }

    /// <summary>Only what a provider tells of is a state, whatever kind of provider it is.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task OtherProvider_LosesItsSettings_IsBelievedIfItTells(bool tells)
    {
        var store = new PushedSettings();
        store.Push("TlsUpgrade:AcceptedClients", "AwareOnly");
        await using var server = await StartAsync(configure: builder => ((IConfigurationBuilder)builder.Configuration).Add(store), file: "{}");
        store.Empty(tells);
        _pushed.Push("TlsUpgrade:Advertise", "EveryResponse");
        await server.Log.WaitForAsync(IsReloaded);
        if (tells)
        {
            await UntilUpgradedAsync(server);
        }
        else
        {
            await AssertStrictAsync(server);
        }
    }

    /// <summary>As the configuration of the host is in that of the application.</summary>
    [Fact]
    public async Task CannotBeRead_InAConfigurationWithinTheConfiguration_WhatWasStays()
    {
        Write(Rules);
        using var inner = (ConfigurationRoot)new ConfigurationBuilder().AddJsonFile(ConfigureSource).Build();
        await using var server = await StartAsync(isInner: true, configure: builder => builder.Configuration.AddConfiguration(inner));
        await AssertStrictAsync(server);
        Write("{");
        await server.Log.WaitForAsync(static line => line.Id.Name is "ConfigurationNotRead");
        _pushed.Push("TlsUpgrade:Advertise", "EveryResponse");
        await server.Log.WaitForAsync(IsReloaded);
        await AssertStrictAsync(server);
    }

    /// <summary>Kestrel restarts the endpoint from the current configuration, so the new one has no settings of its own to keep.</summary>
    [Fact]
    public async Task CannotBeRead_AndKestrelStartsTheEndpointAnew_ItHasTheRules()
    {
        await using var server = await StartAsync(
            file: """{ "Kestrel": { "Endpoints": { "Web": { "TlsUpgrade": { "AcceptedClients": "AwareOnly" } } }, "EndpointDefaults": { "ClientCertificateMode": "RequireCertificate" } } }""");
        await AssertStrictAsync(server);
        Write("{");
        await server.Log.WaitForAsync(static line => line.Id.Name is "ConfigurationNotRead");
        _pushed.Push("Kestrel:Endpoints:Web:Url", "http://127.0.0.3:0");
        await Settling.UntilAsync(
            () => server.Addresses is [var address] && address.Contains("127.0.0.3", StringComparison.Ordinal), () => string.Join(' ', server.Addresses));
        await AssertStrictAsync(server, IPAddress.Parse("127.0.0.3"));

        // AcceptedClients alone would do for the first check.
        _pushed.Push("TlsUpgrade:DirectTls", "Any");
        await server.Log.WaitForAsync(IsReloaded);
        await using var direct = await RawConnection.OpenAsync(new IPEndPoint(IPAddress.Parse("127.0.0.3"), server.Port));
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await direct.StartTlsAsync();
            await direct.SendAsync("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
            await direct.ReadResponseAsync();
        });
    }

    /// <summary>The other packages read their settings whenever an endpoint starts.</summary>
    [Fact]
    public async Task CannotBeRead_AndKestrelStartsTheEndpointAnew_ItKnowsItsProxies()
    {
        await using var server = await StartAsync(
            file: """{ "TlsUpgrade": { "AcceptedClients": "AwareOnly" }, "ProxyProtocol": { "KnownProxies": "127.0.0.1" } }""",
            configure: static builder => builder.WebHost.UseProxyProtocol());
        Write("{");
        await server.Log.WaitForAsync(static line => line.Id.Name is "ConfigurationNotRead");
        _pushed.Push("Kestrel:Endpoints:Web:Url", "http://127.0.0.3:0");
        await Settling.UntilAsync(
            () => server.Addresses is [var address] && address.Contains("127.0.0.3", StringComparison.Ordinal), () => string.Join(' ', server.Addresses));
        await using var connection = await RawConnection.OpenAsync(new IPEndPoint(IPAddress.Parse("127.0.0.3"), server.Port));
        await connection.SendAsync("PROXY TCP4 192.0.2.1 198.51.100.7 56324 80\r\nGET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
    }

    /// <summary>Valid, half-written, empty and wrong, a hundred times a second.</summary>
    [Fact]
    public async Task Storm_NoClientIsServedThatTheRulesRefuse()
    {
        await using var server = await StartAsync();
        using var stop = new CancellationTokenSource();
        var writes = 0;
        var writer = Task.Run(async () =>
        {
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
            string[] contents = [Rules, .. Broken];
            for (; !stop.IsCancellationRequested; writes++)
            {
                await timer.WaitForNextTickAsync(CancellationToken.None);
                Write(contents[writes % contents.Length]);
                _pushed.Push("Other", $"{writes}");
            }
        });
        try
        {
            while (Volatile.Read(ref writes) < 300)
            {
                await AssertStrictAsync(server);
            }
        }
        finally
        {
            await stop.CancelAsync();
            await writer;
        }

        await server.Log.WaitForAsync(static line => line.Id.Name is "ConfigurationNotRead");
        Write("""{ "TlsUpgrade": { "AcceptedClients": "Compatible" } }""");
        await UntilUpgradedAsync(server);
    }

    /// <summary>Without a mark, an offer is declined.</summary>
    private static async Task AssertStrictAsync(UpgradeServer server, IPAddress? address = null) =>
        Assert.False(await IsUpgradedAsync(server, address));

    private static async Task<bool> IsUpgradedAsync(UpgradeServer server, IPAddress? address = null)
    {
        await using var connection = await RawConnection.OpenAsync(new IPEndPoint(address ?? IPAddress.Loopback, server.Port));
        await connection.SendAsync(RawConnectionUpgradeExtensions.Request());
        var status = (await connection.ReadResponseAsync()).Status;
        Assert.Contains(status, new[] { 101, 200 });
        return status == 101;
    }

    private static async Task UntilUpgradedAsync(UpgradeServer server)
    {
        using var timeout = new CancellationTokenSource(RawConnection.Patience);
        while (!await IsUpgradedAsync(server))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), timeout.Token);
        }
    }

    private static async Task<HealthReportEntry> CheckHealthAsync(UpgradeServer server)
    {
        var report = await server.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(TestContext.Current.CancellationToken);
        return report.Entries["tls_upgrade"];
    }

    private static bool IsReloaded(LogLine line) => line.Id.Name is "SettingsReloaded";

    private void Write(string content) => _files.Write("appsettings.json", content);

    private void ConfigureSource(Microsoft.Extensions.Configuration.Json.JsonConfigurationSource source)
    {
        source.Path = _files.GetPath("appsettings.json");
        source.ReloadOnChange = true;
        source.ReloadDelay = 10;
        source.ResolveFileProvider();
    }

    private async Task<UpgradeServer> StartAsync(
        Action<FileConfigurationSource>? source = null, Action<WebApplicationBuilder>? configure = null, string file = Rules, bool isInner = false)
    {
        Write(file);
        var server = await ConfiguredServer.StartAsync(
            [$"TlsUpgrade:Certificate:Path={_files.WritePfx("server.pfx", TestCertificates.Server)}"],
            configure: builder =>
            {
                _pushed.Push("Kestrel:Endpoints:Web:Url", "http://127.0.0.1:0");
                ((IConfigurationBuilder)builder.Configuration).Add(_pushed);
                if (!isInner)
                {
                    builder.Configuration.AddJsonFile(json =>
                    {
                        ConfigureSource(json);
                        source?.Invoke(json);
                    });
                }

                configure?.Invoke(builder);
                builder.Services.AddHealthChecks().AddTlsUpgrade();
            });
        server.IsExpected = static line => line.Id.Name is "ConfigurationNotRead";
        return server;
    }
}
