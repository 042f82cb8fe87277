using System.Net;
using System.Net.Security;
using System.Runtime.CompilerServices;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.FunctionalTests.Configuration;

/// <summary>Settings that change while the server runs: new connections have them, and nobody loses one.</summary>
public sealed class ReloadTests : IDisposable
{
    private const string Get = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

    private readonly CertificateFiles _files = new();
    private ConfigurationManager? _configuration;

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData("TlsUpgrade")]
    [InlineData("Kestrel:Endpoints:Web:TlsUpgrade")]
    public async Task ChangedSetting_NewConnectionsHaveIt_OpenOnesGoOn(string section)
    {
        await using var server = await StartAsync();
        await using var open = await server.ConnectAsync();
        await AskAsync(open);

        Change($"{section}:DirectTls", "Any");
        await server.Log.WaitForAsync(IsReloaded);
        await using (var direct = await server.ConnectAsync())
        {
            await direct.StartTlsAsync();
            await AskAsync(direct);
        }

        await AskAsync(open);
        await open.UpgradeAsync();
        Assert.Equal(200, (await open.ReadResponseAsync()).Status);

        // Whatever Kestrel does about a change, it has seen this one by now, and has not touched the endpoint.
        Assert.Contains(server.Log.Lines, line => line.Message.Contains("Config reload token fired", StringComparison.Ordinal));
        Assert.DoesNotContain(server.Log.Lines, line => line.Message.Contains("Stopping the following endpoints", StringComparison.Ordinal));
    }

    /// <summary>As anybody has it who edits appsettings.json.</summary>
    [Fact]
    public async Task ChangedFile_IsTakenUp()
    {
        var file = _files.Write("appsettings.json", """{ "TlsUpgrade": { "Advertise": "Never" } }""");
        await using var server = await StartAsync(configure: builder => builder.Configuration.AddJsonFile(file, optional: false, reloadOnChange: true));
        await File.WriteAllTextAsync(file, """{ "TlsUpgrade": { "Advertise": "EveryResponse" } }""", TestContext.Current.CancellationToken);
        await server.Log.WaitForAsync(IsReloaded);
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(Get);
        Assert.NotNull((await connection.ReadResponseAsync())["Upgrade"]);
    }

    [Fact]
    public async Task Enabled_OffAndOnAgain()
    {
        await using var server = await StartAsync();
        await using var before = await server.ConnectAsync();
        await AskAsync(before);

        Change("TlsUpgrade:Enabled", "false");
        await server.Log.WaitForAsync(IsReloaded);
        await using (var without = await server.ConnectAsync())
        {
            await without.SendAsync(RawConnectionUpgradeExtensions.Request());
            Assert.Equal(200, (await without.ReadResponseAsync()).Status);
        }

        // Off means declined for the connections that are there, too.
        await before.SendAsync(RawConnectionUpgradeExtensions.Request());
        Assert.Equal(200, (await before.ReadResponseAsync()).Status);

        Change("TlsUpgrade:Enabled", "true");
        await WaitForAsync(server, IsReloaded, count: 2);
        await using var with = await server.ConnectAsync();
        await with.UpgradeAsync();
        await before.UpgradeAsync();
        Assert.Equal(200, (await before.ReadResponseAsync()).Status);
    }

    public static TheoryData<string, string> BadStates { get; } = new()
    {
        { """{ "TlsUpgrade": { "DirectTls": "Sometimes" } }""", "TlsUpgrade:DirectTls is 'Sometimes'." },
        { """{ "TlsUpgrade": { "Unknown": 1 } }""", "TlsUpgrade:Unknown is not a setting." },
        { """{ "TlsUpgrade": { "Certificate": { "Path": "missing.pfx" } } }""", "missing.pfx." },
        { """{ "Kestrel": { "Endpoints": { "Web": { "TlsUpgrade": { "SslProtocols": "Ssl3" } } } } }""", "Kestrel:Endpoints:Web:TlsUpgrade:SslProtocols is 'Ssl3'." },
    };

    /// <summary>The state before stays in force, an error says what is wrong, and what is mended is taken up.</summary>
    [Theory]
    [MemberData(nameof(BadStates))]
    public async Task BadState_TheOneBeforeStays_UntilItIsMended(string bad, string message)
    {
        var file = _files.Write("appsettings.json", "{}");
        await using var server = await StartAsync(configure: builder => builder.Configuration.AddJsonFile(file));
        server.IsExpected = line => line.Id.Name is "SettingsNotReloaded";
        Rewrite(bad);
        var line = await server.Log.WaitForAsync(line => line.Id.Name is "SettingsNotReloaded");
        Assert.Equal(LogLevel.Error, line.Level);
        Assert.Contains(message, line.Message, StringComparison.Ordinal);
        await using (var connection = await server.ConnectAsync())
        {
            await connection.UpgradeAsync();
            Assert.Equal(TestCertificates.Server.Thumbprint, connection.Tls!.RemoteCertificate!.GetCertHashString());
        }

        Rewrite("""{ "TlsUpgrade": { "Advertise": "EveryResponse" } }""");
        await server.Log.WaitForAsync(IsReloaded);

        void Rewrite(string json)
        {
            _files.Write("appsettings.json", json);
            ((IConfigurationRoot)_configuration!).Reload();
        }
    }

    /// <summary>A connection may be in clear text for long: the certificate of its handshake is the newest all the same.</summary>
    [Fact]
    public async Task RenewedCertificate_ShownToAConnectionFromBefore()
    {
        await using var server = await StartAsync();
        await using var open = await server.ConnectAsync();
        await AskAsync(open);
        _files.WritePfx("server.pfx", TestCertificates.Other);
        await server.Log.WaitForAsync(IsReloaded);
        await open.UpgradeAsync(serverName: null);
        Assert.Equal(TestCertificates.Other.Thumbprint, open.Tls!.RemoteCertificate!.GetCertHashString());
    }

    /// <summary>Not in the file system's time, nor in the length: only in the content.</summary>
    [Fact]
    public async Task RenewedCertificate_SameTime_IsSeen()
    {
        await using var server = await StartAsync();
        var time = File.GetLastWriteTimeUtc(_files.GetPath("server.pfx"));
        _files.WritePfx("renewed.pfx", TestCertificates.Other);
        File.SetLastWriteTimeUtc(_files.GetPath("renewed.pfx"), time);
        File.Move(_files.GetPath("renewed.pfx"), _files.GetPath("server.pfx"), overwrite: true);
        await server.Log.WaitForAsync(IsReloaded);
    }

    /// <summary>The server's default certificate is one of ours too.</summary>
    [Fact]
    public async Task RenewedDefaultCertificate_IsSeen()
    {
        var path = _files.WritePfx("default.pfx", TestCertificates.Server);
        await using var server = await ConfiguredServer.StartAsync(
            ["Kestrel:Endpoints:Web:Url=http://127.0.0.1:0", $"Kestrel:Certificates:Default:Path={path}"]);
        _files.WritePfx("default.pfx", TestCertificates.Other);
        await server.Log.WaitForAsync(IsReloaded);
        await using var connection = await server.ConnectAsync();
        await connection.UpgradeAsync(serverName: null);
        Assert.Equal(TestCertificates.Other.Thumbprint, connection.Tls!.RemoteCertificate!.GetCertHashString());
    }

    [Fact]
    public async Task RenewedCertificateOfAName_IsSeen()
    {
        await using var server = await StartAsync($"TlsUpgrade:Sni:a.test:Certificate:Path={_files.WritePfx("a.pfx", TestCertificates.Server)}");
        _files.WritePfx("a.pfx", TestCertificates.Other);
        await server.Log.WaitForAsync(IsReloaded);
        await using var connection = await server.ConnectAsync();
        await connection.UpgradeAsync(RawConnectionUpgradeExtensions.Request(host: "a.test"), serverName: "a.test");
        Assert.Equal(TestCertificates.Other.Thumbprint, connection.Tls!.RemoteCertificate!.GetCertHashString());
    }

    [Fact]
    public async Task Localhost_BothAddressesTakeItUp()
    {
        var port = FreePort.Find();
        await using var server = await StartAsync($"Kestrel:Endpoints:Web:Url=http://localhost:{port}");
        _files.WritePfx("server.pfx", TestCertificates.Other);
        await server.Log.WaitForAsync(IsReloaded);
        foreach (var address in new[] { IPAddress.Loopback, IPAddress.IPv6Loopback })
        {
            await using var connection = await RawConnection.OpenAsync(new IPEndPoint(address, port));
            await connection.UpgradeAsync(serverName: null);
            Assert.Equal(TestCertificates.Other.Thumbprint, connection.Tls!.RemoteCertificate!.GetCertHashString());
        }
    }

    /// <summary>Kestrel starts and stops endpoints when its own settings change. Ours follow.</summary>
    [Fact]
    public async Task EndpointThatKestrelStartsAnew_HasItsSettings_AndTheStoppedOneIsLetGo()
    {
        await using var server = await StartAsync("Kestrel:Endpoints:Web:TlsUpgrade:Advertise=EveryResponse");
        Change("Kestrel:Endpoints:Web:Url", "http://127.0.0.3:0");
        await WaitUntilAsync(() => server.Addresses is [var address] && address.Contains("127.0.0.3", StringComparison.Ordinal));
        await using var connection = await RawConnection.OpenAsync(IPEndPoint.Parse(new Uri(server.Addresses[0]).Authority));
        await connection.SendAsync(Get);
        Assert.NotNull((await connection.ReadResponseAsync())["Upgrade"]);

        var endpoints = server.Services.GetRequiredService<Internal.Endpoints.TlsUpgradeEndpoints>();
        await WaitUntilAsync(() => endpoints.Upgradable.Count == 1);
        Assert.Contains("127.0.0.3", endpoints.Upgradable[0].Address, StringComparison.Ordinal);
        _files.WritePfx("server.pfx", TestCertificates.Other);
        await server.Log.WaitForAsync(line => IsReloaded(line) && line.Message.Contains("127.0.0.3", StringComparison.Ordinal));
    }

    /// <summary>Kestrel starts it anew at the same address, again and again: it stays one endpoint, and what was before is let go.</summary>
    [Fact]
    public async Task EndpointThatKestrelStartsAnewAtTheSameAddress_IsOneEndpoint()
    {
        var port = FreePort.Find();
        await using var server = await StartAsync($"Kestrel:Endpoints:Web:Url=http://127.0.0.1:{port}");
        var endpoints = server.Services.GetRequiredService<Internal.Endpoints.TlsUpgradeEndpoints>();
        var first = GetSettings(endpoints);
        for (var i = 0; i < 4; i++)
        {
            var before = endpoints.Upgradable.Single();
            Change("Kestrel:Endpoints:Web:Protocols", i % 2 == 0 ? "Http1" : "Http1AndHttp2");
            await WaitUntilAsync(() => endpoints.Upgradable is [var only] && only != before && server.Addresses.Count == 1);
        }

        await WaitUntilAsync(() =>
        {
            GC.Collect();
            return !first.IsAlive;
        });
        _files.WritePfx("server.pfx", TestCertificates.Other);
        await server.Log.WaitForAsync(IsReloaded);
        await using var connection = await server.ConnectAsync();
        await connection.UpgradeAsync(serverName: null);
        Assert.Equal(TestCertificates.Other.Thumbprint, connection.Tls!.RemoteCertificate!.GetCertHashString());
    }

    /// <summary>Neither the settings that it arrived under nor the new ones serve it.</summary>
    [Fact]
    public async Task DirectTlsOff_WhileAConnectionWaits_ServesNoHttp1OverTls()
    {
        await using var server = await StartAsync();
        await using var waiting = await server.ConnectAsync();
        await server.Log.WaitForAsync(line => line.Id.Name is "ConnectionStart" or "ConnectionAccepted");
        Change("TlsUpgrade:DirectTls", "Off");
        await server.Log.WaitForAsync(IsReloaded);
        await waiting.StartTlsAsync();
        await waiting.SendAsync(Get);
        Assert.Equal(505, (await waiting.ReadResponseAsync()).Status);
    }

    /// <summary>A connection between its 101 and its handshake is judged by what both settings allow.</summary>
    [Theory]
    [InlineData("Compatible", "AwareOnly", false)]
    [InlineData("Compatible", "AwareOnly", true)]
    [InlineData("AwareOnly", "Compatible", false)]
    [InlineData("AwareOnly", "Compatible", true)]
    public async Task AcceptedClients_ChangedBehindA101_TheStricterOneDecides(string before, string after, bool later)
    {
        await using var server = await StartAsync($"TlsUpgrade:AcceptedClients={before}");
        await using var connection = await server.ConnectAsync().AfterAsync(later);
        await connection.SendAsync(RawConnectionUpgradeExtensions.Request(token: RawConnectionUpgradeExtensions.HintedToken));
        Assert.Equal(101, (await connection.ReadResponseAsync()).Status);

        Change("TlsUpgrade:AcceptedClients", after);
        await server.Log.WaitForAsync(IsReloaded);
        Assert.Equal(120, await connection.StartTlsRefusedAsync());
    }

    /// <summary>A handshake that asks for no client certificate must not go on where one is required by now, nor the other way round.</summary>
    [Theory]
    [InlineData("TlsUpgrade:ClientCertificateMode", false)]
    [InlineData("TlsUpgrade:ClientCertificateMode", true)]
    [InlineData("TlsUpgrade:Sni:localhost:ClientCertificateMode", false)]
    public async Task ClientCertificate_RequiredBehindA101_IsRequired(string key, bool later)
    {
        await using var server = key.Contains("Sni", StringComparison.Ordinal)
            ? await StartAsync($"TlsUpgrade:Sni:localhost:Certificate:Path={_files.WritePfx("name.pfx", TestCertificates.Server)}")
            : await StartAsync();
        await using var connection = await server.ConnectAsync().AfterAsync(later);
        await connection.SendAsync(RawConnectionUpgradeExtensions.Request());
        Assert.Equal(101, (await connection.ReadResponseAsync()).Status);

        Change(key, "RequireCertificate");
        await server.Log.WaitForAsync(IsReloaded);
        Assert.Equal(116, await connection.StartTlsRefusedAsync());
    }

    [Fact]
    public async Task ClientCertificate_NoLongerRequiredBehindA101_IsRequiredStill()
    {
        await using var server = await StartAsync("TlsUpgrade:ClientCertificateMode=RequireCertificate");
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(RawConnectionUpgradeExtensions.Request());
        Assert.Equal(101, (await connection.ReadResponseAsync()).Status);

        Change("TlsUpgrade:ClientCertificateMode", "NoCertificate");
        await server.Log.WaitForAsync(IsReloaded);
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await connection.StartTlsAsync();
            await connection.ReadResponseAsync();
        });
    }

    /// <summary>The certificate is that of the settings that sent the 101.</summary>
    [Fact]
    public async Task Certificate_ChangedBehindA101_IsThatOfThe101()
    {
        await using var server = await StartAsync();
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(RawConnectionUpgradeExtensions.Request());
        Assert.Equal(101, (await connection.ReadResponseAsync()).Status);

        _files.WritePfx("server.pfx", TestCertificates.Other);
        await server.Log.WaitForAsync(IsReloaded);
        await connection.StartTlsAsync();
        Assert.Equal(TestCertificates.Server.Thumbprint, connection.Tls!.RemoteCertificate!.GetCertHashString());
    }

    /// <summary>The endpoint may serve https over HTTP/1.1 by then, whose clients must not get an upgrade that is under way.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task OffersNone_ChangedBehindA101_OnlyAMarkedClientIsServed(bool isMarked)
    {
        await using var server = await StartAsync();
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(RawConnectionUpgradeExtensions.Request("OPTIONS", "*", token: RawConnectionUpgradeExtensions.HintedToken));
        Assert.Equal(101, (await connection.ReadResponseAsync()).Status);

        Change("TlsUpgrade:Offers", "None");
        await server.Log.WaitForAsync(IsReloaded);
        if (isMarked)
        {
            await connection.StartTlsAsync(alpn: [new("http/1.1-upgraded"), SslApplicationProtocol.Http11]);
            Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
        }
        else
        {
            Assert.Equal(120, await connection.StartTlsRefusedAsync());
        }
    }

    /// <summary>Steps that are safe one after the other, and not at once.</summary>
    [Theory]
    [InlineData("All Compatible Http2Only", "All AwareOnly Any", "OpenedInOneStep", "changed to AcceptedClients = AwareOnly and DirectTls = Any in")]
    [InlineData("All Compatible Off", "All AwareOnly Any", "OpenedInOneStep", "changed to AcceptedClients = AwareOnly and DirectTls = Any in")]
    [InlineData("All Compatible Http2Only", "None Compatible Any", "OpenedInOneStep", "changed to Offers = None and DirectTls = Any in")]
    [InlineData("WhereRequired Compatible Http2Only", "None Compatible Any", "OpenedInOneStep", "changed to Offers = None and DirectTls = Any in")]
    [InlineData("All AwareOnly Any", "All Compatible Http2Only", "ClosedInOneStep", "Set Http2Only first")]
    [InlineData("All AwareOnly Any", "All Compatible Off", "ClosedInOneStep", "Set Off first")]
    [InlineData("None Compatible Any", "All Compatible Http2Only", "ClosedInOneStep", "Set Http2Only first")]
    [InlineData("None Compatible Any", "WhereRequired Compatible Off", "ClosedInOneStep", "Set Off first")]
    [InlineData("All Compatible Http2Only", "All AwareOnly Http2Only", null, null)]
    [InlineData("All AwareOnly Http2Only", "All AwareOnly Any", null, null)]
    [InlineData("All AwareOnly Any", "All AwareOnly Http2Only", null, null)]
    [InlineData("All AwareOnly Http2Only", "All Compatible Http2Only", null, null)]
    [InlineData("All AwareOnly Any", "All Compatible Any", null, null)]
    [InlineData("All Compatible Http2Only", "None Compatible Http2Only", null, null)]
    [InlineData("None Compatible Http2Only", "None Compatible Any", null, null)]
    [InlineData("None Compatible Any", "All AwareOnly Any", null, null)]
    [InlineData("None AwareOnly Any", "None Compatible Any", null, null)]
    [InlineData("None Compatible Any", "None Compatible Http2Only", null, null)]
    [InlineData("None Compatible Http2Only", "All Compatible Http2Only", null, null)]
    [InlineData("None Compatible Any", "None AwareOnly Any", null, null)]
    [InlineData("None AwareOnly Any", "WhereRequired AwareOnly Any", null, null)]
    public async Task TwoStepsAtOnce_Warn(string before, string after, string? warning, string? words)
    {
        await using var server = await StartAsync([.. Settings(before).Select(static setting => $"{setting.Key}={setting.Value}")]);
        foreach (var (key, value) in Settings(after))
        {
            _configuration![key] = value;
        }

        Change("TlsUpgrade:Enabled", "true");
        await server.Log.WaitForAsync(IsReloaded);
        LogLine[] warnings = [.. server.Log.Lines.Where(static line => line.Id.Name is "OpenedInOneStep" or "ClosedInOneStep")];
        Assert.Equal(warning is null ? [] : [warning], warnings.Select(static line => line.Id.Name));
        Assert.All(warnings, line => Assert.Contains(words!, line.Message, StringComparison.Ordinal));

        static IEnumerable<KeyValuePair<string, string>> Settings(string values) =>
            new[] { "TlsUpgrade:Offers", "TlsUpgrade:AcceptedClients", "TlsUpgrade:DirectTls" }
                .Zip(values.Split(' '), KeyValuePair.Create);
    }

    /// <summary>No change of the configuration may end the process, whatever it is.</summary>
    [Fact]
    public async Task PathThatNoFileCanHave_IsAnErrorLikeAnyOther()
    {
        await using var server = await StartAsync();
        server.IsExpected = line => line.Id.Name is "SettingsNotReloaded";
        Change("TlsUpgrade:Certificate:Path", "server\0.pfx");
        await server.Log.WaitForAsync(line => line.Id.Name is "SettingsNotReloaded");
        Change("TlsUpgrade:Certificate:Path", _files.WritePfx("mended.pfx", TestCertificates.Other));
        await server.Log.WaitForAsync(IsReloaded);
    }

    /// <summary>An https endpoint that comes later is at risk like any other.</summary>
    [Fact]
    public async Task HttpsEndpointThatKestrelStartsLater_Warns()
    {
        await using var server = await StartAsync();
        await server.Log.WaitForAsync(line => line.Id.Name is "SharedNamesChecked");
        _configuration!["Kestrel:Endpoints:Secure:Certificate:Path"] = _files.WritePfx("secure.pfx", TestCertificates.Server);
        Change("Kestrel:Endpoints:Secure:Url", "https://127.0.0.1:0");
        await server.Log.WaitForAsync(line => line.Id.Name is "SharedName");
    }

    /// <summary>What made a warning at the start makes one when it comes about later.</summary>
    [Fact]
    public async Task ChangeThatPutsClientsAtRisk_Warns()
    {
        await using var server = await StartAsync(
            "TlsUpgrade:AcceptedClients=AwareOnly",
            "Kestrel:Endpoints:Secure:Url=https://127.0.0.1:0",
            $"Kestrel:Endpoints:Secure:Certificate:Path={_files.WritePfx("secure.pfx", TestCertificates.Server)}");
        await server.Log.WaitForAsync(line => line.Id.Name is "SharedNamesChecked");
        Assert.DoesNotContain(server.Log.Lines, line => line.Id.Name is "SharedName");
        Change("TlsUpgrade:AcceptedClients", "Compatible");
        await server.Log.WaitForAsync(line => line.Id.Name is "SharedName");
    }

    /// <summary>An upgrade endpoint that serves https over HTTP/1.1 is one like any other there.</summary>
    [Theory]
    [InlineData("Kestrel:Endpoints:Other:TlsUpgrade:DirectTls", "Any")]
    [InlineData("Kestrel:Endpoints:Web:TlsUpgrade:AcceptedClients", "Compatible")]
    public async Task ChangeThatPutsClientsOfAnotherUpgradeEndpointAtRisk_Warns(string key, string value)
    {
        var isAny = value is "Any";
        await using var server = await StartAsync(
            "Kestrel:Endpoints:Other:Url=http://127.0.0.2:0",
            "Kestrel:Endpoints:Other:TlsUpgrade:AcceptedClients=AwareOnly",
            $"Kestrel:Endpoints:Other:TlsUpgrade:DirectTls={(isAny ? "Http2Only" : "Any")}",
            $"Kestrel:Endpoints:Web:TlsUpgrade:AcceptedClients={(isAny ? "Compatible" : "AwareOnly")}");
        await server.Log.WaitForAsync(line => line.Id.Name is "SharedNamesChecked");
        Assert.DoesNotContain(server.Log.Lines, line => line.Id.Name is "SharedName");
        Change(key, value);
        var line = await server.Log.WaitForAsync(line => line.Id.Name is "SharedName");
        Assert.Matches(@"^The endpoint http://127\.0\.0\.2:\d+ serves https .* upgrade endpoint http://127\.0\.0\.1:", line.Message);
    }

    /// <summary>In a method of its own, so that nothing else holds on to them.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference GetSettings(Internal.Endpoints.TlsUpgradeEndpoints endpoints) => new(endpoints.Upgradable[0].Settings);

    private static bool IsReloaded(LogLine line) => line.Id.Name is "SettingsReloaded";

    private static async Task WaitForAsync(UpgradeServer server, Func<LogLine, bool> predicate, int count) =>
        await server.Log.WaitForAsync(line => predicate(line) && server.Log.Lines.Count(predicate) >= count);

    private static async Task WaitUntilAsync(Func<bool> condition)
    {
        using var timeout = new CancellationTokenSource(RawConnection.Patience);
        while (!condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), timeout.Token);
        }
    }

    private static async Task AskAsync(RawConnection connection)
    {
        await connection.SendAsync(Get);
        Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
    }

    private void Change(string key, string? value)
    {
        _configuration![key] = value;
        ((IConfigurationRoot)_configuration).Reload();
    }

    private Task<UpgradeServer> StartAsync(params string[] settings) => StartAsync(null, settings);

    private Task<UpgradeServer> StartAsync(Action<WebApplicationBuilder>? configure, params string[] settings) => ConfiguredServer.StartAsync(
        [
            .. settings.Any(setting => setting.StartsWith("Kestrel:Endpoints:Web:Url", StringComparison.Ordinal)) ? Array.Empty<string>() : ["Kestrel:Endpoints:Web:Url=http://127.0.0.1:0"],
            $"TlsUpgrade:Certificate:Path={_files.WritePfx("server.pfx", TestCertificates.Server)}",
            .. settings,
        ],
        configure: builder =>
        {
            _configuration = builder.Configuration;
            configure?.Invoke(builder);
        });
}
