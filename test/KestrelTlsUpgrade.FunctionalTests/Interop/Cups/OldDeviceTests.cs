using KestrelTlsUpgrade.FunctionalTests.Configuration;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.FunctionalTests.Interop.Cups;

/// <summary>Devices that have TLS 1.0 and nothing else: what the log says is what the document quotes.</summary>
public sealed class OldDeviceTests
{
    [Theory]
    [InlineData("UpgradeFailed", true, false)]
    [InlineData("UpgradeFailed", true, true)]
    [InlineData("DirectTlsShutOut", false, false)]
    [InlineData("DirectTlsShutOut", false, true)]
    public async Task Tls10_IsLoggedAsTheDocumentSays(string eventName, bool isUpgraded, bool isEnabled)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The lines are those of OpenSSL.");
        string[] versions = isEnabled ? ["TlsUpgrade:SslProtocols:0=Tls", "TlsUpgrade:SslProtocols:1=Tls12", "TlsUpgrade:SslProtocols:2=Tls13"] : [];
        await using var server = await ConfiguredServer.StartAsync(
            ["Kestrel:Endpoints:Web:Url=http://127.0.0.1:0", .. versions],
            static options => options.Https.ServerCertificate = TestCertificates.Rsa);
        await using var relay = isUpgraded
            ? new UpgradingRelay(server.EndPoint, "OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: TLS/1.2,TLS/1.1,TLS/1.0\r\n\r\n", later: false)
            : null;
        await Peers.RunAsync(
            "", "openssl", "s_client", "-connect", $"127.0.0.1:{relay?.Port ?? server.Port}", "-servername", "localhost", "-tls1", "-cipher", "DEFAULT@SECLEVEL=0");
        var line = await server.Log.WaitForAsync(line => line.Id.Name == eventName);
        PrintingDocument.AssertQuotes(line.Message);
    }
}
