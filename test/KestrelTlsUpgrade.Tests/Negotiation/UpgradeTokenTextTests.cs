using System.Security.Authentication;
using KestrelTlsUpgrade.Internal.Negotiation;

namespace KestrelTlsUpgrade.Tests.Negotiation;

public sealed class UpgradeTokenTextTests
{
    [Theory]
    [InlineData("TLS", nameof(UpgradeToken.AnyTls))]
    [InlineData("TLS/1.0", nameof(UpgradeToken.Tls10))]
    [InlineData("TLS/1.1", nameof(UpgradeToken.Tls11))]
    [InlineData("TLS/1.2", nameof(UpgradeToken.Tls12))]
    [InlineData("TLS/1.3", nameof(UpgradeToken.Tls13))]
    [InlineData("tls", nameof(UpgradeToken.AnyTls))]
    [InlineData("tLs/1.2", nameof(UpgradeToken.Tls12))]
    public void Parse_TlsToken_IsRead(string member, string expected) =>
        Assert.Equal(expected, UpgradeTokenText.Parse(member).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("T")]
    [InlineData("TL")]
    [InlineData("TLS/")]
    [InlineData("TLS/1")]
    [InlineData("TLS/1.")]
    [InlineData("TLS/1.4")]
    [InlineData("TLS/1.20")]
    [InlineData("TLS/01.2")]
    [InlineData("TLS/2.0")]
    [InlineData("TLS/0.9")]
    [InlineData("TLS1.2")]
    [InlineData("TLS /1.2")]
    [InlineData("TLS/ 1.2")]
    [InlineData("TLS/1.2;q=1")]
    [InlineData("TLS;q=1")]
    [InlineData("\"TLS/1.2\"")]
    [InlineData("TLSv1.2")]
    [InlineData("DTLS/1.2")]
    [InlineData("XTLS")]
    [InlineData("SSL/3.0")]
    [InlineData("HTTP/1.1")]
    [InlineData("h2c")]
    [InlineData("websocket")]
    public void Parse_AnythingElse_IsNone(string member) =>
        Assert.Equal(UpgradeToken.None, UpgradeTokenText.Parse(member));

    [Fact]
    public void Format_EachToken_IsReadBackAsItself()
    {
        for (var token = UpgradeToken.AnyTls; token <= UpgradeToken.Tls13; token++)
        {
            Assert.Equal(token, UpgradeTokenText.Parse(UpgradeTokenText.Format(token)));
        }
    }

    [Fact]
    public void Format_EachToken_IsInCapitals()
    {
        for (var token = UpgradeToken.AnyTls; token <= UpgradeToken.Tls13; token++)
        {
            Assert.StartsWith("TLS", UpgradeTokenText.Format(token), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Format_None_Throws() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => UpgradeTokenText.Format(UpgradeToken.None));

    [Theory]
    [InlineData("TLS/1.0", 0xC0)]
    [InlineData("TLS/1.1", 0x300)]
    [InlineData("TLS/1.2", (int)SslProtocols.Tls12)]
    [InlineData("TLS/1.3", (int)SslProtocols.Tls13)]
    public void ToVersions_TokenWithVersion_IsThatVersionOnly(string token, int expected) =>
        Assert.Equal((SslProtocols)expected, UpgradeTokenText.ToVersions(UpgradeTokenText.Parse(token)));

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public void ToVersions_TokenWithoutVersion_IsEveryVersion(SslProtocols version) =>
        Assert.Equal(version, UpgradeTokenText.ToVersions(UpgradeToken.AnyTls) & version);

    [Theory]
    [InlineData(SslProtocols.Tls12 | SslProtocols.Tls13, "TLS/1.3, TLS/1.2, HTTP/1.1")]
    [InlineData(SslProtocols.Tls13, "TLS/1.3, HTTP/1.1")]
    [InlineData(SslProtocols.Tls12, "TLS/1.2, HTTP/1.1")]
    [InlineData((SslProtocols)(0xC0 | 0x300) | SslProtocols.Tls12, "TLS/1.2, TLS/1.1, TLS/1.0, HTTP/1.1")]
    public void FormatList_EnabledVersions_HighestFirst(SslProtocols versions, string expected) =>
        Assert.Equal(expected, UpgradeTokenText.FormatList(versions));
}
