using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace KestrelTlsUpgrade.FunctionalTests.Hosting;

/// <summary>The ways to give an endpoint its certificate in code, as <c>UseHttps</c> has them.</summary>
public sealed class CertificateOverloadTests
{
    [Fact]
    public Task Certificate_WithOptions_BothAreUsed() => AssertShowsAsync(
        TestCertificates.Server,
        (endpoint, _) => endpoint.UseTlsUpgrade(TestCertificates.Server, static options => options.Advertise = TlsUpgradeAdvertisement.EveryResponse),
        isAdvertised: true);

    [Fact]
    public Task File_WithoutPassword_IsUsed() => AssertShowsAsync(
        TestCertificates.Server, static (endpoint, files) => endpoint.UseTlsUpgrade(files.WritePfx("server.pfx", TestCertificates.Server)));

    [Fact]
    public Task File_WithPassword_IsUsed() => AssertShowsAsync(
        TestCertificates.Server, static (endpoint, files) => endpoint.UseTlsUpgrade(files.WritePfx("server.pfx", TestCertificates.Server, "secret"), "secret"));

    [Fact]
    public Task File_WithOptions_BothAreUsed() => AssertShowsAsync(
        TestCertificates.Server,
        static (endpoint, files) => endpoint.UseTlsUpgrade(
            files.WritePfx("server.pfx", TestCertificates.Server, "secret"),
            "secret",
            static options => options.Advertise = TlsUpgradeAdvertisement.EveryResponse),
        isAdvertised: true);

    /// <summary>As in <c>UseHttps</c>, a name is relative to the content root.</summary>
    [Fact]
    public async Task File_ThatIsMissing_IsLookedForInTheContentRoot()
    {
        var failure = await Assert.ThrowsAnyAsync<CryptographicException>(static () => StartAsync(static (endpoint, _) => endpoint.UseTlsUpgrade("missing.pfx")));
        Assert.Contains(Path.Combine(AppContext.BaseDirectory, "missing.pfx"), failure.ToString());
    }

    [Fact]
    public async Task Store_CertificateThatIsThere_IsUsed()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var subject = $"overload-{Guid.NewGuid():N}.test";
        using var made = new CertificateRequest($"CN={subject}", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
        using var certificate = X509CertificateLoader.LoadPkcs12(
            made.Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.PersistKeySet | X509KeyStorageFlags.Exportable);
        using var store = new X509Store(StoreName.My, StoreLocation.CurrentUser);
        store.Open(OpenFlags.ReadWrite);
        store.Add(certificate);
        try
        {
            await AssertShowsAsync(certificate, (endpoint, _) => endpoint.UseTlsUpgrade(StoreName.My, subject, allowInvalid: true));
            await AssertShowsAsync(
                certificate,
                (endpoint, _) => endpoint.UseTlsUpgrade(
                    StoreName.My, subject, allowInvalid: true, StoreLocation.CurrentUser, static options => options.Advertise = TlsUpgradeAdvertisement.EveryResponse),
                isAdvertised: true);
            await Assert.ThrowsAsync<InvalidOperationException>(() => StartAsync((endpoint, _) => endpoint.UseTlsUpgrade(StoreName.My, subject)));
        }
        finally
        {
            store.Remove(certificate);
        }
    }

    /// <summary>The host's options come from the call that adds the services, the endpoint's own override them.</summary>
    [Fact]
    public async Task AddTlsUpgrade_WithOptions_AreTheHosts()
    {
        await using var server = await UpgradeServer.StartAsync(static builder =>
        {
            builder.Services.AddTlsUpgrade(static options =>
            {
                options.Https.ServerCertificate = TestCertificates.Server;
                options.Advertise = TlsUpgradeAdvertisement.EveryResponse;
            });
            builder.WebHost.ConfigureKestrel(static kestrel =>
            {
                kestrel.Listen(IPAddress.Loopback, 0, static endpoint => endpoint.UseTlsUpgrade());
                kestrel.Listen(IPAddress.Loopback, 0, static endpoint => endpoint.UseTlsUpgrade(static options => options.Advertise = TlsUpgradeAdvertisement.Never));
            });
        });
        var advertised = new List<bool>();
        foreach (var address in server.Addresses)
        {
            await using var connection = await RawConnection.OpenAsync(new IPEndPoint(IPAddress.Loopback, new Uri(address).Port));
            await connection.SendAsync("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
            advertised.Add((await connection.ReadResponseAsync())["Upgrade"] is not null);
        }

        Assert.Equal([true, false], advertised);
    }

    private static async Task AssertShowsAsync(
        X509Certificate2 expected, Action<ListenOptions, CertificateFiles> configure, bool isAdvertised = false)
    {
        await using var server = await StartAsync(configure);
        await using (var plain = await server.ConnectAsync())
        {
            await plain.SendAsync("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
            Assert.Equal(isAdvertised, (await plain.ReadResponseAsync())["Upgrade"] is not null);
        }

        await using var connection = await server.ConnectAsync();
        await connection.SendAsync("OPTIONS * HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: TLS/1.2\r\n\r\n");
        Assert.Equal(101, (await connection.ReadResponseAsync()).Status);
        X509Certificate? shown = null;
        await connection.StartTlsAsync(configure: options =>
        {
            options.TargetHost = "";
            options.RemoteCertificateValidationCallback = (_, certificate, _, _) => (shown = certificate) is not null;
        });
        Assert.Equal(expected.GetCertHashString(), shown!.GetCertHashString());
    }

    private static async Task<UpgradeServer> StartAsync(Action<ListenOptions, CertificateFiles> configure)
    {
        using var files = new CertificateFiles();
        return await UpgradeServer.StartAsync(builder =>
        {
            builder.Services.AddTlsUpgrade();
            builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, endpoint => configure(endpoint, files)));
        });
    }
}
