using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KestrelTlsUpgrade.Internal.Certificates.SharedNames;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.FunctionalTests.Hosting;

/// <summary>Start-up names the https endpoints that an upgrade endpoint puts at risk (CVE-2025-49812).</summary>
public sealed class SharedNameCheckTests : IDisposable
{
    private readonly string _certificate = Path.GetTempFileName();

    /// <summary>Servers of other tests run in the same process.</summary>
    private readonly ServersInProcess _servers = new();

    public void Dispose()
    {
        foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(_certificate)!, $"{Path.GetFileName(_certificate)}*"))
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task SameCertificate_EachPairIsNamedOnce()
    {
        await using var server = await StartAsync(
            _ => { },
            endpoint => endpoint.UseHttps(TestCertificates.Server),
            endpoint => endpoint.UseHttps(TestCertificates.Server));
        var warnings = await GetWarningsAsync(server, expected: 2);
        Assert.All(warnings, warning =>
        {
            Assert.Contains("https://127.0.0.1:", warning.Message);
            Assert.Contains($"http://127.0.0.1:{server.Port}", warning.Message);
            Assert.Contains("localhost", warning.Message);
            Assert.Contains("AwareOnly", warning.Message);
        });
        Assert.Equal(2, warnings.Select(warning => warning.Message).Distinct().Count());
    }

    [Fact]
    public async Task OtherNames_NothingIsSaid()
    {
        var own = TestCertificates.Create("own", "1.3.6.1.5.5.7.3.1", "own.test");
        await using var server = await StartAsync(
            options => options.Https.ServerCertificate = WithoutAddresses("upgrade.test"),
            endpoint => endpoint.UseHttps(own),
            endpoint => endpoint.UseHttps(TestCertificates.Other));
        await AssertSilentAsync(server);
    }

    /// <summary>Without an upgrade nobody can be put behind one.</summary>
    [Theory]
    [InlineData(TlsUpgradeOffers.None, 0)]
    [InlineData(TlsUpgradeOffers.WhereRequired, 1)]
    public async Task Offers_OnlyAnEndpointThatUpgradesIsNamed(TlsUpgradeOffers offers, int count)
    {
        await using var server = await StartAsync(options => options.Offers = offers, endpoint => endpoint.UseHttps(TestCertificates.Server));
        Assert.Equal(count, (await GetWarningsAsync(server, expected: count)).Length);
    }

    [Fact]
    public async Task AwareOnly_NothingIsSaid()
    {
        await using var server = await StartAsync(
            options => options.AcceptedClients = TlsUpgradeClientMode.AwareOnly, endpoint => endpoint.UseHttps(TestCertificates.Server));
        await AssertSilentAsync(server);
    }

    [Fact]
    public async Task Http2OnlyThere_NothingIsSaid()
    {
        await using var server = await StartAsync(_ => { }, endpoint =>
        {
            endpoint.Protocols = HttpProtocols.Http2;
            endpoint.UseHttps(TestCertificates.Server);
        });
        await AssertSilentAsync(server);
    }

    [Fact]
    public async Task SelectorsOnBothSides_SharedNameIsFound()
    {
        await using var server = await StartAsync(
            options => options.Https.ServerCertificateSelector = (_, name) => name == "b.test" ? TestCertificates.Other : WithoutAddresses("upgrade.test"),
            endpoint => endpoint.UseHttps(https => https.ServerCertificateSelector = (_, _) => TestCertificates.Other));
        Assert.Contains("b.test", Assert.Single(await GetWarningsAsync(server, expected: 1)).Message);
    }

    [Fact]
    public async Task Wildcards_AreNamesToo()
    {
        await using var server = await StartAsync(
            options => options.Https.ServerCertificate = WithoutAddresses("*.wild.test"),
            endpoint => endpoint.UseHttps(WithoutAddresses("*.wild.test")));
        Assert.Contains("*.wild.test", Assert.Single(await GetWarningsAsync(server, expected: 1)).Message);
    }

    /// <summary>An https endpoint with an Sni section shows nothing to a probe without one of its names.</summary>
    [Theory]
    [InlineData("*.corp.example", "shop.corp.example", "shop.corp.example", "shop.corp.example")]
    [InlineData("SHOP.corp.example", "*.corp.example", "*.corp.example", "shop.corp.example")]
    [InlineData("*.corp.example", "*.corp.example", "*.corp.example", "*.corp.example")]
    [InlineData("shop.corp.example", "*", "*.corp.example", "shop.corp.example")]
    [InlineData("*.corp.example", "*", "shop.corp.example", "shop.corp.example")]
    [InlineData("*.xn--mller-kva.example", "shop.müller.example", "shop.xn--mller-kva.example", "shop.müller.example")]
    [InlineData("a_b.corp.example", "*.corp.example", "*.corp.example", "a_b.corp.example")]
    [InlineData("*.corp.example", "a.shop.corp.example", "a.shop.corp.example", null)]
    [InlineData("*.corp.example", "corp.example", "corp.example", null)]
    [InlineData("shop.corp.example", "*.corp.example", "*.corp.other", null)]
    [InlineData("shop.corp.example", "pay.corp.example", "*.corp.example", null)]
    public async Task SniSectionThere_NamesAreCompared(string upgradeName, string sniKey, string httpsName, string? shared)
    {
        await using var server = await StartConfiguredAsync(upgradeName, sniKey, httpsName);
        var warnings = await GetWarningsAsync(server, expected: shared is null ? 0 : 1);
        Assert.All(warnings, warning => Assert.Contains($"a certificate for {shared},", warning.Message, StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain(server.Log.Lines, line => line.Id.Name == "NotChecked");
    }

    [Fact]
    public async Task SniSectionHere_NamesAreCompared()
    {
        await using var server = await StartConfiguredAsync("other.example", "shop.corp.example", "shop.corp.example", "*.corp.example");
        Assert.Contains("shop.corp.example", Assert.Single(await GetWarningsAsync(server, expected: 1)).Message);
    }

    [Theory]
    [InlineData("cn.test", "cn.test", true)]
    [InlineData("*.cn.test", "any.cn.test", true)]
    [InlineData("My server", "cn.test", false)]
    public async Task CommonNameOnly_CountsAsOlderClientsTakeIt(string commonName, string name, bool isShared)
    {
        using var own = WithoutNames(commonName);
        await using var server = await StartAsync(
            options => options.Https.ServerCertificate = WithoutAddresses(name), endpoint => endpoint.UseHttps(own));
        await GetWarningsAsync(server, expected: isShared ? 1 : 0);
        Assert.DoesNotContain(server.Log.Lines, line => line.Id.Name == "NotChecked");
    }

    [Fact]
    public async Task Address_IsANameToo()
    {
        await using var server = await StartAsync(
            options => options.Https.ServerCertificate = TestCertificates.Create("up", "1.3.6.1.5.5.7.3.1", "up.test"),
            endpoint => endpoint.UseHttps(TestCertificates.Create("other", "1.3.6.1.5.5.7.3.1", "other.test")));
        Assert.Contains("127.0.0.1,", Assert.Single(await GetWarningsAsync(server, expected: 1)).Message);
    }

    [Fact]
    public async Task SeveralNamesAndAddresses_PairIsNamedOnce()
    {
        await using var server = await UpgradeServer.StartAsync(builder =>
        {
            builder.Services.AddSingleton(_servers);
            builder.Services.AddTlsUpgrade();
            builder.WebHost.ConfigureKestrel(options =>
            {
                options.Listen(IPAddress.Loopback, 0, endpoint => endpoint.UseTlsUpgrade(TestCertificates.Server));
                options.ListenLocalhost(FreePort.Find(), endpoint => endpoint.UseHttps(TestCertificates.Server));
            });
        });
        await GetWarningsAsync(server, expected: 1);
    }

    [Fact]
    public async Task UpgradeEndpointWithDirectTlsAny_IsNamedLikeHttps()
    {
        await using var server = await StartAsync(_ => { }, endpoint => endpoint.UseTlsUpgrade(options =>
        {
            options.Https.ServerCertificate = TestCertificates.Server;
            options.DirectTls = DirectTlsMode.Any;
            options.AcceptedClients = TlsUpgradeClientMode.AwareOnly;
        }));
        Assert.StartsWith($"The endpoint {server.Addresses[1]} serves https", Assert.Single(await GetWarningsAsync(server, expected: 1)).Message);
    }

    /// <summary>Nobody knows its certificates but its code, which a handshake asks.</summary>
    [Fact]
    public async Task UpgradeEndpointWithDirectTlsAnyAndCallback_IsAsked()
    {
        await using var server = await StartAsync(_ => { }, endpoint => endpoint.UseTlsUpgrade(options =>
        {
            options.HandshakeCallback = new() { OnConnection = _ => new(new SslServerAuthenticationOptions { ServerCertificate = TestCertificates.Server }) };
            options.DirectTls = DirectTlsMode.Any;
            options.AcceptedClients = TlsUpgradeClientMode.AwareOnly;
        }));
        Assert.StartsWith($"The endpoint {server.Addresses[1]} serves https", Assert.Single(await GetWarningsAsync(server, expected: 1)).Message);
    }

    [Fact]
    public async Task HandshakeCallback_CannotBeCompared_IsSaidOnceWithWhatToLookAt()
    {
        await using var server = await StartAsync(
            options => options.HandshakeCallback = new() { OnConnection = _ => new(new SslServerAuthenticationOptions { ServerCertificate = TestCertificates.Server }) },
            endpoint => endpoint.UseHttps(TestCertificates.Server),
            endpoint => endpoint.UseHttps(TestCertificates.Other),
            endpoint =>
            {
                endpoint.Protocols = HttpProtocols.Http2;
                endpoint.UseHttps(TestCertificates.Server);
            });
        await GetWarningsAsync(server, expected: 0);
        var line = Assert.Single(server.Log.Lines, line => line.Id.Name == "CertificatesFromCode");
        Assert.Equal(LogLevel.Information, line.Level);
        Assert.Contains($"The upgrade endpoint {server.Addresses[0]} ", line.Message);
        Assert.Contains($"{server.Addresses[1]}, {server.Addresses[2]} serves", line.Message);
        Assert.DoesNotContain(server.Addresses[3], line.Message);
        Assert.Contains("HandshakeCallback", line.Message);
        Assert.Contains("AwareOnly", line.Message);
    }

    [Fact]
    public async Task SelectorHere_NothingShared_IsSaid()
    {
        await using var server = await StartAsync(
            options => options.Https.ServerCertificateSelector = (_, name) => WithoutAddresses("upgrade.test"),
            endpoint => endpoint.UseHttps(TestCertificates.Other));
        await GetWarningsAsync(server, expected: 0);
        Assert.Contains("ServerCertificateSelector", Assert.Single(server.Log.Lines, line => line.Id.Name == "CertificatesFromCode").Message);
    }

    [Fact]
    public async Task NoHttpsBeside_CallbackIsNotMentioned()
    {
        await using var server = await StartAsync(options => options.HandshakeCallback = new()
        {
            OnConnection = _ => new(new SslServerAuthenticationOptions { ServerCertificate = TestCertificates.Server }),
        });
        await AssertSilentAsync(server);
        Assert.DoesNotContain(server.Log.Lines, line => line.Id.Name == "CertificatesFromCode");
    }

    /// <summary>It shows nothing without a name, and its names are in its code alone.</summary>
    [Theory]
    [InlineData(HttpProtocols.Http1)]
    [InlineData(HttpProtocols.Http1AndHttp2)]
    public async Task HttpsThatShowsNothingForKnownNames_IsSaid(HttpProtocols protocols)
    {
        await using var server = await StartAsync(
            _ => { },
            endpoint =>
            {
                endpoint.Protocols = protocols;
                endpoint.UseHttps(https => https.ServerCertificateSelector = (_, name) => name == "secret.test" ? TestCertificates.Other : null);
            });
        await GetWarningsAsync(server, expected: 0);
        var line = Assert.Single(server.Log.Lines, line => line.Id.Name == "NamesNotKnown");
        Assert.Equal(LogLevel.Information, line.Level);
        Assert.Contains(server.Addresses[0], line.Message);
        Assert.Contains(server.Addresses[1], line.Message);
    }

    [Fact]
    public async Task UnixSockets_StayOut()
    {
        var socket = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        await using var server = await UpgradeServer.StartAsync(builder =>
        {
            builder.Services.AddSingleton(_servers);
            builder.Services.AddTlsUpgrade();
            builder.WebHost.ConfigureKestrel(options =>
            {
                options.Listen(IPAddress.Loopback, 0, endpoint => endpoint.UseTlsUpgrade(TestCertificates.Server));
                options.ListenUnixSocket(socket, endpoint => endpoint.UseHttps(TestCertificates.Server));
                options.ListenUnixSocket(socket + "2", endpoint => endpoint.UseTlsUpgrade(upgrade =>
                {
                    upgrade.Https.ServerCertificate = TestCertificates.Server;
                    upgrade.DirectTls = DirectTlsMode.Any;
                }));
            });
        });
        await AssertSilentAsync(server);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task OtherHost_EndpointsAreComparedWhicheverStartsFirst(bool isHttpsFirst)
    {
        var (first, second) = isHttpsFirst ? (StartHttpsAsync, StartUpgradeAsync) : ((Func<Task<UpgradeServer>>)StartUpgradeAsync, (Func<Task<UpgradeServer>>)StartHttpsAsync);
        await using var one = await first();
        await using var two = await second();
        var (https, upgrade) = isHttpsFirst ? (one, two) : (two, one);
        var line = await upgrade.Log.WaitForAsync(line => line.Id.Name == "SharedName");
        Assert.Contains(https.Addresses[0], line.Message);
        Assert.Contains(upgrade.Addresses[0], line.Message);
        Assert.DoesNotContain(https.Log.Lines, line => line.Id.Name == "SharedName");

        Task<UpgradeServer> StartUpgradeAsync() => StartAsync(_ => { });

        Task<UpgradeServer> StartHttpsAsync() => UpgradeServer.StartAsync(builder =>
        {
            builder.Services.AddSingleton(_servers);
            builder.Services.AddTlsUpgrade();
            builder.WebHost.ConfigureKestrel(options => options.Listen(IPAddress.Loopback, 0, endpoint => endpoint.UseHttps(TestCertificates.Server)));
        });
    }

    [Fact]
    public async Task OtherHost_WithDirectTlsAny_IsNamedToo()
    {
        await using var upgrade = await StartAsync(_ => { });
        await using var direct = await StartAsync(options =>
        {
            options.DirectTls = DirectTlsMode.Any;
            options.AcceptedClients = TlsUpgradeClientMode.AwareOnly;
        });
        Assert.Contains(direct.Addresses[0], (await upgrade.Log.WaitForAsync(line => line.Id.Name == "SharedName")).Message);
    }

    [Fact]
    public async Task OtherHost_ThatHasStopped_IsLeftOut()
    {
        await using (var stopped = await StartAsync(_ => { }, endpoint => endpoint.UseHttps(TestCertificates.Server)))
        {
            Assert.Single(_servers.All);
        }

        Assert.Empty(_servers.All);
        await using var server = await StartAsync(_ => { });
        await AssertSilentAsync(server);
    }

    [Fact]
    public async Task HostThatFailsToStart_IsNotKept()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => UpgradeServer.StartAsync(builder =>
        {
            builder.Services.AddSingleton(_servers);
            builder.Services.AddTlsUpgrade();
            builder.Services.AddHostedService<FailingService>();
            builder.WebHost.ConfigureKestrel(options => options.Listen(IPAddress.Loopback, 0, endpoint => endpoint.UseHttps(TestCertificates.Server)));
        }));
        Assert.Empty(_servers.All);
    }

    [Fact]
    public void ServersInProcess_ByDefaultAreThoseOfTheProcess() => Assert.Same(
        ServersInProcess.Shared,
        new ServiceCollection().AddTlsUpgrade().Single(service => service.ServiceType == typeof(ServersInProcess)).ImplementationInstance);

    /// <summary>The outcome for the pair is another one after a change, and the same again after the next.</summary>
    [Fact]
    public async Task EndpointThatChanges_IsNamedAgain()
    {
        var name = "b.test";
        await using var server = await StartAsync(
            options => options.Https.ServerCertificateSelector = (_, _) => WithoutAddresses(name), endpoint => endpoint.UseHttps(TestCertificates.Other));
        await GetWarningsAsync(server, expected: 1);
        foreach (var (changed, warnings) in new[] { ("c.test", 1), ("b.test", 2) })
        {
            name = changed;
            var looks = server.Log.Lines.Count(line => line.Id.Name == "SharedNamesChecked");
            _servers.OnChanged();
            await server.Log.WaitForAsync(_ => server.Log.Lines.Count(line => line.Id.Name == "SharedNamesChecked") > looks);
            await GetWarningsAsync(server, warnings);
        }
    }

    /// <summary>An endpoint of HTTP/3 has an address of https, and nothing on TCP.</summary>
    [Fact]
    public async Task NothingOnTcp_IsNoHttp1()
    {
        using var endpoint = new ProbedEndpoint($"https://127.0.0.1:{FreePort.Find()}", ["a.test"], TestContext.Current.CancellationToken);
        Assert.Null(await endpoint.GetCertificateAsync(null));
        Assert.Null(await endpoint.GetCertificateAsync("a.test"));
        Assert.False(await endpoint.MayHaveOthersAsync(["a.test"]));
    }

    /// <summary>What has been said is said again only when it is something else.</summary>
    [Fact]
    public async Task LooksAgain_NothingIsRepeated()
    {
        await using var server = await StartAsync(
            options => options.Https.ServerCertificateSelector = (_, name) => name == "b.test" ? TestCertificates.Other : WithoutAddresses("upgrade.test"),
            endpoint => endpoint.UseHttps(TestCertificates.Other),
            endpoint => endpoint.UseHttps(WithoutAddresses("c.test")));
        await GetWarningsAsync(server, expected: 1);
        _servers.OnChanged();
        await server.Log.WaitForAsync(_ => server.Log.Lines.Count(line => line.Id.Name == "SharedNamesChecked") == 2);
        await GetWarningsAsync(server, expected: 1);
        Assert.Single(server.Log.Lines, line => line.Id.Name == "CertificatesFromCode");
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task ClientCertificateRequiredThere_SharedNameIsFound(SslProtocols version)
    {
        await using var server = await StartAsync(_ => { }, endpoint => endpoint.UseHttps(https =>
        {
            https.ServerCertificate = TestCertificates.Server;
            https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
            https.SslProtocols = version;
        }));
        Assert.Single(await GetWarningsAsync(server, expected: 1));
    }

    [Fact]
    public async Task EndpointsFromConfigurationAndDefaults_SharedNameIsFound()
    {
        await File.WriteAllBytesAsync(_certificate, TestCertificates.Server.Export(X509ContentType.Pkcs12, "secret"));
        await using var server = await UpgradeServer.StartAsync(builder =>
        {
            builder.Services.AddSingleton(_servers);
            builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["Kestrel:Certificates:Default:Path"] = _certificate,
                ["Kestrel:Certificates:Default:Password"] = "secret",
                ["Kestrel:Endpoints:Clear:Url"] = "http://127.0.0.1:0",
                ["Kestrel:Endpoints:Secure:Url"] = "https://127.0.0.1:0",
            });
            builder.WebHost.ConfigureKestrel((context, options) => options.Configure(context.Configuration.GetSection("Kestrel")));
            builder.WebHost.UseTlsUpgrade();
        });
        Assert.Single(await GetWarningsAsync(server, expected: 1));
    }

    [Fact]
    public async Task DirectTlsAnyWithCompatible_OneWarning()
    {
        foreach (var (directTls, clients, offers, count) in new[]
        {
            (DirectTlsMode.Any, TlsUpgradeClientMode.Compatible, TlsUpgradeOffers.All, 1),
            (DirectTlsMode.Any, TlsUpgradeClientMode.Compatible, TlsUpgradeOffers.WhereRequired, 1),
            (DirectTlsMode.Any, TlsUpgradeClientMode.Compatible, TlsUpgradeOffers.None, 0),
            (DirectTlsMode.Any, TlsUpgradeClientMode.AwareOnly, TlsUpgradeOffers.All, 0),
            (DirectTlsMode.Http2Only, TlsUpgradeClientMode.Compatible, TlsUpgradeOffers.All, 0),
            (DirectTlsMode.Off, TlsUpgradeClientMode.Compatible, TlsUpgradeOffers.All, 0),
        })
        {
            await using var server = await UpgradeServer.StartAsync(
                builder =>
                {
                    builder.WebHost.UseTlsUpgrade(options =>
                    {
                        options.DirectTls = directTls;
                        options.AcceptedClients = clients;
                        options.Offers = offers;
                    });
                    builder.WebHost.UseUrls("http://127.0.0.1:0");
                },
                environment: "Development");
            Assert.Equal(count, server.Log.Lines.Count(line => line.Id.Name == "DirectTlsNotProtected" && line.Level == LogLevel.Warning));
        }
    }

    private static X509Certificate2 WithoutNames(string commonName)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new CertificateRequest($"CN={commonName}", key, HashAlgorithmName.SHA256)
            .CreateForTls(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    private static X509Certificate2 WithoutAddresses(string name) =>
        TestCertificates.Create(name, "1.3.6.1.5.5.7.3.1", includeAddresses: false, name);

    private Task<UpgradeServer> StartAsync(Action<TlsUpgradeOptions> upgrade, params Action<ListenOptions>[] https) => UpgradeServer.StartAsync(builder =>
    {
        builder.Services.AddSingleton(_servers);
        builder.Services.AddTlsUpgrade();
        builder.WebHost.ConfigureKestrel(options =>
        {
            options.Listen(IPAddress.Loopback, 0, endpoint => endpoint.UseTlsUpgrade(settings =>
            {
                settings.Https.ServerCertificate = TestCertificates.Server;
                upgrade(settings);
            }));
            foreach (var configure in https)
            {
                options.Listen(IPAddress.Loopback, 0, configure);
            }
        });
    });

    /// <summary>An upgrade endpoint, and an https endpoint of the configuration with a certificate for one server name.</summary>
    private Task<UpgradeServer> StartConfiguredAsync(string upgradeName, string sniKey, string httpsName, string? upgradeSniName = null) => UpgradeServer.StartAsync(builder =>
    {
        var settings = new Dictionary<string, string?>
        {
            ["Kestrel:Endpoints:Clear:Url"] = "http://127.0.0.1:0",
            ["Kestrel:Endpoints:Secure:Url"] = "https://127.0.0.1:0",
            ["TlsUpgrade:Certificate:Path"] = Write("upgrade", upgradeName),
            [$"Kestrel:Endpoints:Secure:Sni:{sniKey}:Certificate:Path"] = Write("https", httpsName),
        };
        if (upgradeSniName is not null)
        {
            settings[$"TlsUpgrade:Sni:{upgradeSniName}:Certificate:Path"] = Write("named", upgradeSniName);
        }

        builder.Services.AddSingleton(_servers);
        builder.Configuration.AddInMemoryCollection(settings);
        builder.WebHost.ConfigureKestrel((context, options) => options.Configure(context.Configuration.GetSection("Kestrel")));
        builder.WebHost.UseTlsUpgrade();
    });

    private string Write(string file, string name)
    {
        var path = $"{_certificate}.{file}";
        File.WriteAllBytes(path, WithoutAddresses(name).Export(X509ContentType.Pkcs12));
        return path;
    }

    private static async Task<LogLine[]> GetWarningsAsync(UpgradeServer server, int expected)
    {
        await server.Log.WaitForAsync(line => line.Id.Name == "SharedNamesChecked");
        var warnings = server.Log.Lines.Where(line => line.Id.Name == "SharedName").ToArray();
        Assert.Equal(expected, warnings.Length);
        Assert.All(warnings, warning => Assert.Equal(LogLevel.Warning, warning.Level));
        return warnings;
    }

    private static async Task AssertSilentAsync(UpgradeServer server)
    {
        await GetWarningsAsync(server, expected: 0);
        Assert.DoesNotContain(server.Log.Lines, line => line.Id.Name is "NotChecked" or "NamesNotKnown" or "CertificatesFromCode");
    }

    /// <summary>Fails once everything else has started.</summary>
    private sealed class FailingService : IHostedLifecycleService
    {
        public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StartedAsync(CancellationToken cancellationToken) => throw new InvalidOperationException("Not today.");

        public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
