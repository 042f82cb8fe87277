using System.Text;
using KestrelTlsUpgrade.Internal.Negotiation;

namespace KestrelTlsUpgrade.Tests.Negotiation;

public sealed class SwitchingProtocolsTests
{
    [Theory]
    [InlineData("TLS")]
    [InlineData("TLS/1.0")]
    [InlineData("TLS/1.1")]
    [InlineData("TLS/1.2")]
    [InlineData("TLS/1.3")]
    public void Response_EachToken_IsExact(string token)
    {
        var response = SwitchingProtocols.Response(UpgradeTokenText.Parse(token));

        Assert.Equal(
            $"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: {token}, HTTP/1.1\r\n\r\n",
            Encoding.Latin1.GetString(response.Span));
    }

    [Theory]
    [InlineData("TLS", "TLS, HTTP/1.1")]
    [InlineData("TLS/1.0", "TLS/1.0, HTTP/1.1")]
    [InlineData("TLS/1.1", "TLS/1.1, HTTP/1.1")]
    [InlineData("TLS/1.2", "TLS/1.2, HTTP/1.1")]
    [InlineData("TLS/1.3", "TLS/1.3, HTTP/1.1")]
    public void FieldValue_EachToken_NamesLowestLayerFirst(string token, string expected) =>
        Assert.Equal(expected, SwitchingProtocols.FieldValue(UpgradeTokenText.Parse(token)));
}
