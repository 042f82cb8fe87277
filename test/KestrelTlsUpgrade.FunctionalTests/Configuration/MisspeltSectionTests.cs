using System.Net;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Options;

namespace KestrelTlsUpgrade.FunctionalTests.Configuration;

/// <summary>Sections whose names are nearly those of a package, or that are where nobody reads them: their settings would be ignored.</summary>
public sealed class MisspeltSectionTests
{
    [Theory]
    [InlineData("TlsUpgrades:AcceptedClients", "TlsUpgrades is not a section. Did you mean TlsUpgrade?")]
    [InlineData("TlsUpgrad:Sni:*:ClientCertificateMode", "TlsUpgrad is not a section. Did you mean TlsUpgrade?")]
    [InlineData("TLS_Upgrade:Certificate:Path", "TLS_Upgrade is not a section. Did you mean TlsUpgrade?")]
    [InlineData("TslUpgrade:AcceptedClient", "TslUpgrade is not a section. Did you mean TlsUpgrade?")]
    [InlineData("TlsUpgrades:0:SslProtocols", "TlsUpgrades is not a section. Did you mean TlsUpgrade?")]
    [InlineData("Kestrel:Endpoints:Web:TlsUpgrad:AcceptedClients", "Kestrel:Endpoints:Web:TlsUpgrad is not a section. Did you mean TlsUpgrade?")]
    [InlineData("Kestrel:Endpoints:Web:TlsUpgrades", "Kestrel:Endpoints:Web:TlsUpgrades is not a section. Did you mean TlsUpgrade?")]
    [InlineData("Kestrel:TlsUpgrade:AcceptedClients", "Kestrel:TlsUpgrade is not read there. Move it to TlsUpgrade, or to Kestrel:Endpoints:{name}:TlsUpgrade.")]
    [InlineData(
        "Kestrel:EndpointDefaults:TlsUpgrade:AcceptedClients",
        "Kestrel:EndpointDefaults:TlsUpgrade is not read there. Move it to TlsUpgrade, or to Kestrel:Endpoints:{name}:TlsUpgrade.")]
    public async Task Upgrade_NearMiss_FailsAndNamesTheRightOne(string key, string message) =>
        Assert.Equal(message, (await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync([$"{key}=AwareOnly"]))).Message);

    [Fact]
    public async Task Upgrade_NearMissBesideTheRightOne_Fails() => Assert.Equal(
        "TlsUpgrads is not a section. Did you mean TlsUpgrade?",
        (await Assert.ThrowsAsync<OptionsValidationException>(() =>
            StartAsync(["TlsUpgrade:Advertise=Never", "TlsUpgrads:AcceptedClients=AwareOnly"]))).Message);

    /// <summary>Others' sections, other cases of ours, and a variable of the environment, which is a key like any other.</summary>
    [Theory]
    [InlineData("Tls:SslProtocols=Tls12")]
    [InlineData("Upgrade:Enabled=true")]
    [InlineData("TlsUpgradeClient:Certificate:Path=x")]
    [InlineData("TlsUpgraded:Since=2020")]
    [InlineData("TLS_UPGRADE=1")]
    [InlineData("tlsupgrade:ADVERTISE=never")]
    [InlineData("KESTREL:endpoints:web:TLSUPGRADE:advertise=never")]
    [InlineData("Kestrel:Endpoints:Web:Tls=1")]
    [InlineData("ProxyProtocols=1")]
    [InlineData("ProxyProtocol:KnownProxies:0=127.0.0.1")]
    [InlineData("ConnectTunnel:ConnectTimeout=00:00:05")]
    public async Task Upgrade_AnotherName_IsNobodysBusiness(string setting)
    {
        await using var server = await StartAsync([setting]);
        await using var connection = await server.ConnectAsync();
        await connection.UpgradeAsync();
    }

    [Theory]
    [InlineData("ProxyProtocl:KnownProxies:0", "ProxyProtocl is not a section. Did you mean ProxyProtocol?")]
    [InlineData("Kestrel:Endpoints:Web:ProxyProtocols:KnownProxies:0", "Kestrel:Endpoints:Web:ProxyProtocols is not a section. Did you mean ProxyProtocol?")]
    [InlineData(
        "Kestrel:EndpointDefaults:ProxyProtocol:KnownProxies:0",
        "Kestrel:EndpointDefaults:ProxyProtocol is not read there. Move it to ProxyProtocol, or to Kestrel:Endpoints:{name}:ProxyProtocol.")]
    public async Task ProxyProtocol_NearMiss_FailsAndNamesTheRightOne(string key, string message) => Assert.Equal(
        message,
        (await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(
            [$"{key}=127.0.0.1"],
            static builder => builder.WebHost.UseProxyProtocol(static options => options.KnownProxies.Add(IPAddress.Loopback))))).Message);

    [Theory]
    [InlineData("ConectTunnel:AllowedPorts:0", "ConectTunnel is not a section. Did you mean ConnectTunnel?")]
    [InlineData("Kestrel:ConnectTunnel:AllowedPorts:0", "Kestrel:ConnectTunnel is not read there. Move it to ConnectTunnel.")]
    [InlineData("Kestrel:Endpoints:Web:ConnectTunnel:AllowedPorts:0", "Kestrel:Endpoints:Web:ConnectTunnel is not read there. Move it to ConnectTunnel.")]
    [InlineData("Kestrel:Endpoints:Web:ConnectTunel:AllowedPorts:0", "Kestrel:Endpoints:Web:ConnectTunel is not read there. Move it to ConnectTunnel.")]
    public async Task Tunnel_NearMiss_FailsAndNamesTheRightOne(string key, string message) => Assert.Equal(
        message,
        (await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(
            [$"{key}=443"], static builder => builder.WebHost.UseConnectTunnel()))).Message);

    private static Task<UpgradeServer> StartAsync(string[] settings, Action<WebApplicationBuilder>? configure = null) => ConfiguredServer.StartAsync(
        ["Kestrel:Endpoints:Web:Url=http://127.0.0.1:0", .. settings],
        static options => options.Https.ServerCertificate = TestCertificates.Server,
        configure);
}
