using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using KestrelTlsUpgrade.Internal.Endpoints;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.FunctionalTests.Configuration;

/// <summary>Certificate files that take long to read, are named by many endpoints, or hold more than a certificate and its key.</summary>
public sealed class CertificateFileTests : IDisposable
{
    private readonly CertificateFiles _files = new();
    private readonly PushedSettings _pushed = new();

    public void Dispose() => _files.Dispose();

    /// <summary>A reader of a pipe without a writer waits as it does for a hung network mount.</summary>
    [Fact]
    public async Task FileThatDoesNotAnswer_IsReported_AndHoldsNothingUp()
    {
        _files.WritePfx("server.pfx", TestCertificates.Server);
        await using var server = await StartAsync($"TlsUpgrade:Certificate:Path={_files.GetPath("server.pfx")}");
        await HangAsync("server.pfx");
        var line = await server.Log.WaitForAsync(static line => line.Id.Name is "ConfigurationNotRead");
        Assert.Contains("server.pfx does not answer", line.Message, StringComparison.Ordinal);
        Assert.NotNull(server.Services.GetRequiredService<TlsUpgradeEndpoints>().Upgradable[0].ReloadFailure);

        // Other settings are applied meanwhile, with the previous certificate.
        _pushed.Push("TlsUpgrade:Advertise", "EveryResponse");
        await server.Log.WaitForAsync(IsReloaded);
        await AssertCertificateAsync(server, TestCertificates.Server);

        _files.WritePfx("server.pfx", TestCertificates.Other);
        await server.Log.WaitForAsync(static line => line.Id.Name is "ConfigurationReadAgain");
        await server.Log.WaitForAsync(line => IsReloaded(line) && server.Log.Lines.Count(IsReloaded) > 1);
        await AssertCertificateAsync(server, TestCertificates.Other);
    }

    [Fact]
    public async Task FileThatDoesNotAnswer_NamedByAChange_SettingsStay()
    {
        _files.WritePfx("server.pfx", TestCertificates.Server);
        await using var server = await StartAsync($"TlsUpgrade:Certificate:Path={_files.GetPath("server.pfx")}");
        await HangAsync("other.pfx");
        _pushed.Push("TlsUpgrade:Certificate:Path", _files.GetPath("other.pfx"));
        var line = await server.Log.WaitForAsync(static line => line.Id.Name is "SettingsNotReloaded");
        Assert.Contains("other.pfx does not answer", line.Message, StringComparison.Ordinal);
        await AssertCertificateAsync(server, TestCertificates.Server);
        _files.WritePfx("other.pfx", TestCertificates.Other);
        await server.Log.WaitForAsync(IsReloaded);
        await AssertCertificateAsync(server, TestCertificates.Other);
    }

    /// <summary>An attempt to load it would lose a thread, once a minute.</summary>
    [Fact]
    public async Task FileThatDoesNotAnswer_WithAChangedPassword_IsNotLoaded()
    {
        _files.WritePfx("server.pfx", TestCertificates.Server);
        await using var server = await StartAsync($"TlsUpgrade:Certificate:Path={_files.GetPath("server.pfx")}");
        await HangAsync("server.pfx");
        await server.Log.WaitForAsync(static line => line.Id.Name is "ConfigurationNotRead");
        _pushed.Push("TlsUpgrade:Certificate:Password", "changed");
        var line = await server.Log.WaitForAsync(static line => line.Id.Name is "SettingsNotReloaded");
        Assert.Contains($"TlsUpgrade:Certificate: {_files.GetPath("server.pfx")} does not answer", line.Message, StringComparison.Ordinal);
        await AssertCertificateAsync(server, TestCertificates.Server);
    }

    /// <summary>With the file in its way, the server stops as without.</summary>
    [Fact]
    public async Task FileThatDoesNotAnswer_DoesNotDelayTheStop()
    {
        _files.WritePfx("server.pfx", TestCertificates.Server);
        await using var server = await StartAsync($"TlsUpgrade:Certificate:Path={_files.GetPath("server.pfx")}");
        await HangAsync("server.pfx");
        await server.Log.WaitForAsync(static line => line.Id.Name is "ConfigurationNotRead");
        await server.StopAsync().WaitAsync(RawConnection.Patience, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task FileThatDoesNotAnswer_AtStart_FailsIt()
    {
        await HangAsync("server.pfx");
        var failure = await Assert.ThrowsAnyAsync<InvalidOperationException>(() => StartAsync($"TlsUpgrade:Certificate:Path={_files.GetPath("server.pfx")}"));
        Assert.StartsWith("TlsUpgrade:Certificate: ", failure.Message, StringComparison.Ordinal);
        Assert.Contains("server.pfx does not answer", failure.Message, StringComparison.Ordinal);
    }

    /// <summary>SIGTERM while the start waits.</summary>
    [Fact]
    public async Task FileThatDoesNotAnswer_AtStart_CanBeStopped()
    {
        await HangAsync("server.pfx");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => StartAsync(
            configure: builder => builder.Services.AddHostedService(services =>
                new StopOnceRead(_files.GetPath("server.pfx"), services.GetRequiredService<IHostApplicationLifetime>())),
            $"TlsUpgrade:Certificate:Path={_files.GetPath("server.pfx")}"));
    }

    /// <summary>As behind a firewall that drops what goes out.</summary>
    [Fact]
    public async Task IssuerThatCannotBeDownloaded_IsAskedForOnce_AndNobodyWaits()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var asked = 0;
        var accepting = AcceptAsync();
        using var authority = new CertificateAuthority();
        using var certificate = authority.Issue($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/issuer.crt");
        await using (var server = await StartAsync(
            $"TlsUpgrade:Certificate:Path={_files.WritePfx("leaf.pfx", certificate)}",
            "Kestrel:Endpoints:Web2:Url=http://127.0.0.2:0",
            $"TlsUpgrade:Sni:a.test:Certificate:Path={_files.GetPath("leaf.pfx")}",
            $"TlsUpgrade:Sni:*:Certificate:Path={_files.GetPath("leaf.pfx")}"))
        {
            await AssertCertificateAsync(server, certificate);
            Assert.Equal(1, Volatile.Read(ref asked));
        }

        listener.Stop();
        await accepting;

        async Task AcceptAsync()
        {
            var held = new List<Socket>();
            try
            {
                while (true)
                {
                    held.Add(await listener.AcceptSocketAsync());
                    Interlocked.Increment(ref asked);
                }
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                held.ForEach(static socket => socket.Dispose());
            }
        }
    }

    [Fact]
    public async Task IssuerThatIsDownloaded_IsSent()
    {
        using var authority = new CertificateAuthority();
        await using var issuer = await UpgradeServer.StartAsync(
            isUpgradable: false,
            app: app => app.Run(context => context.Response.Body.WriteAsync(authority.Intermediate.RawDataMemory).AsTask()));
        using var certificate = authority.Issue($"http://127.0.0.1:{issuer.Port}/issuer.crt");
        await using var server = await StartAsync($"TlsUpgrade:Certificate:Path={_files.WritePfx("leaf.pfx", certificate)}");
        await AssertIssuerIsSentAsync(server, authority);
    }

    /// <summary>Those of a PEM file are.</summary>
    [Theory]
    [InlineData("TlsUpgrade:Certificate")]
    [InlineData("TlsUpgrade:Sni:*:Certificate")]
    [InlineData("TlsUpgrade:Sni:localhost:Certificate")]
    [InlineData("Kestrel:Certificates:Default")]
    public async Task IssuersInPkcs12_AreSent(string section)
    {
        using var authority = new CertificateAuthority();
        using var certificate = authority.Issue();
        await File.WriteAllBytesAsync(_files.GetPath("chain.pfx"), Pack(certificate, authority), TestContext.Current.CancellationToken);
        await using var server = await StartAsync(
            $"{section}:Path={_files.GetPath("chain.pfx")}", $"{section}:Password=secret", "TlsUpgrade:DirectTls=Any");
        await AssertIssuerIsSentAsync(server, authority);
    }

    [Fact]
    public async Task IssuerThatHasExpired_IsLogged()
    {
        using var authority = new CertificateAuthority(isExpired: true);
        using var certificate = authority.Issue();
        await File.WriteAllBytesAsync(_files.GetPath("chain.pfx"), Pack(certificate, authority), TestContext.Current.CancellationToken);
        await using var server = await StartAsync(
            $"TlsUpgrade:Certificate:Path={_files.GetPath("chain.pfx")}", "TlsUpgrade:Certificate:Password=secret");
        server.IsExpected = static line => line.Id.Name is "CertificateExpired";
        var line = await server.Log.WaitForAsync(static line => line.Id.Name is "CertificateExpired");
        Assert.StartsWith("The certificate of an issuer in TlsUpgrade:Certificate", line.Message, StringComparison.Ordinal);
        Assert.Contains("CN=Test intermediate", line.Message, StringComparison.Ordinal);
    }

    /// <summary>Whatever section names it.</summary>
    [Fact]
    public async Task FileOfManyEndpoints_IsLoadedOnce_AndABadOneIsLoggedOnce()
    {
        _files.WritePfx("server.pfx", TestCertificates.Server);
        await using var server = await StartAsync(
        [
            $"TlsUpgrade:Certificate:Path={_files.GetPath("server.pfx")}",
            .. Enumerable.Range(2, 4).SelectMany(i => new[]
            {
                $"Kestrel:Endpoints:E{i}:Url=http://127.0.0.{i}:0",
                $"Kestrel:Endpoints:E{i}:TlsUpgrade:Certificate:Path={_files.GetPath("server.pfx")}",
            }),
        ]);
        var endpoints = server.Services.GetRequiredService<TlsUpgradeEndpoints>().Upgradable;
        Assert.Equal(5, endpoints.Count);
        Assert.Single(endpoints.Select(static endpoint => endpoint.Settings!.Certificates[0].Certificate).Distinct(ReferenceEqualityComparer.Instance));

        _files.Write("server.pfx.new", "no certificate");
        File.Move(_files.GetPath("server.pfx.new"), _files.GetPath("server.pfx"), overwrite: true);
        await Settling.UntilAsync(
            () => endpoints.All(static endpoint => endpoint.ReloadFailure is not null),
            () => $"{endpoints.Count(static endpoint => endpoint.ReloadFailure is null)} endpoints");
        var line = Assert.Single(server.Log.Lines, static line => line.Level is LogLevel.Error);
        Assert.Equal("SettingsNotReloaded", line.Id.Name);
        Assert.Null(line.Exception);

        _files.WritePfx("server.pfx", TestCertificates.Other);
        await server.Log.WaitForAsync(line => IsReloaded(line) && server.Log.Lines.Count(IsReloaded) == 5);
        Assert.Single(endpoints.Select(static endpoint => endpoint.Settings!.Certificates[0].Certificate).Distinct(ReferenceEqualityComparer.Instance));
    }

    [Theory]
    [InlineData("secret")]
    [InlineData(null)]
    public async Task KeyInTheOldEncryptedFormat_IsCalledThat(string? password)
    {
        _files.WritePem("server.crt", TestCertificates.Server);
        _files.WriteKey("server.key", TestCertificates.Server);
        await Peers.RunAsync(
            "", "openssl", "ec", "-in", _files.GetPath("server.key"), "-aes128", "-passout", "pass:secret", "-out", _files.GetPath("old.key"));
        Assert.Contains("Proc-Type: 4,ENCRYPTED", await File.ReadAllTextAsync(_files.GetPath("old.key"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        var failure = await Assert.ThrowsAnyAsync<InvalidOperationException>(() => StartAsync(
        [
            $"TlsUpgrade:Certificate:Path={_files.GetPath("server.crt")}",
            $"TlsUpgrade:Certificate:KeyPath={_files.GetPath("old.key")}",
            .. password is null ? Array.Empty<string>() : [$"TlsUpgrade:Certificate:Password={password}"],
        ]));
        Assert.Equal(
            $"TlsUpgrade:Certificate:KeyPath: {_files.GetPath("old.key")} is encrypted in OpenSSL's old format, which .NET does not read, whatever "
            + "the password is. Convert it: openssl pkcs8 -topk8 -in old.key -out new.key",
            failure.Message);
    }

    private static byte[] Pack(X509Certificate2 certificate, CertificateAuthority authority)
    {
        using var issuer = X509CertificateLoader.LoadCertificate(authority.Intermediate.RawData);
        return new X509Certificate2Collection { certificate, issuer }.Export(X509ContentType.Pkcs12, "secret")!;
    }

    private static async Task AssertIssuerIsSentAsync(UpgradeServer server, CertificateAuthority authority)
    {
        foreach (var isDirect in new[] { false, true })
        {
            await using var connection = await server.ConnectAsync();
            if (!isDirect)
            {
                await connection.SendAsync(RawConnectionUpgradeExtensions.Request());
                Assert.Equal(101, (await connection.ReadResponseAsync()).Status);
            }

            string[] sent = [];
            await connection.StartTlsAsync(
                alpn: isDirect ? [SslApplicationProtocol.Http2] : null,
                configure: options =>
                {
                    options.CertificateChainPolicy = NoDownloads;
                    options.RemoteCertificateValidationCallback = (_, _, chain, _) =>
                    {
                        sent = [.. chain!.ChainPolicy.ExtraStore.Select(static certificate => certificate.Thumbprint)];
                        return true;
                    };
                });
            Assert.Contains(authority.Intermediate.Thumbprint, sent);
        }
    }

    private static async Task AssertCertificateAsync(UpgradeServer server, X509Certificate2 certificate)
    {
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(RawConnectionUpgradeExtensions.Request());
        Assert.Equal(101, (await connection.ReadResponseAsync()).Status);
        await connection.StartTlsAsync(serverName: null, configure: static options => options.CertificateChainPolicy = NoDownloads);
        Assert.Equal(certificate.Thumbprint, connection.Tls!.RemoteCertificate!.GetCertHashString());
    }

    /// <summary>The client would look for the issuer, too.</summary>
    private static X509ChainPolicy NoDownloads => new() { DisableCertificateDownloads = true, RevocationMode = X509RevocationMode.NoCheck };

    private static bool IsReloaded(LogLine line) => line.Id.Name is "SettingsReloaded";

    /// <summary>Puts a file there whose readers wait.</summary>
    private async Task HangAsync(string name)
    {
        await Peers.RunAsync("", "mkfifo", _files.GetPath("fifo"));
        File.Move(_files.GetPath("fifo"), _files.GetPath(name), overwrite: true);
    }

    private Task<UpgradeServer> StartAsync(params string[] settings) => StartAsync(null, settings);

    private async Task<UpgradeServer> StartAsync(Action<WebApplicationBuilder>? configure, params string[] settings)
    {
        var server = await ConfiguredServer.StartAsync(
            ["Kestrel:Endpoints:Web:Url=http://127.0.0.1:0", .. settings],
            configure: builder =>
            {
                ((IConfigurationBuilder)builder.Configuration).Add(_pushed);
                configure?.Invoke(builder);
            });
        server.IsExpected = static line => line.Id.Name is "ConfigurationNotRead" or "SettingsNotReloaded";
        return server;
    }

    /// <summary>Stops the host once somebody reads the pipe, and writes nothing to it.</summary>
    private sealed class StopOnceRead(string pipe, IHostApplicationLifetime lifetime) : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            await using var writer = await Task.Run(() => new FileStream(pipe, FileMode.Open, FileAccess.Write, FileShare.ReadWrite), CancellationToken.None);
            lifetime.StopApplication();
            await Task.Delay(Timeout.Infinite, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
