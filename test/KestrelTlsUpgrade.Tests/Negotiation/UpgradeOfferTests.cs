using System.Security.Authentication;
using KestrelTlsUpgrade.Internal.Negotiation;

namespace KestrelTlsUpgrade.Tests.Negotiation;

public sealed class UpgradeOfferTests
{
    private const SslProtocols Modern = SslProtocols.Tls12 | SslProtocols.Tls13;

    [Theory]
    [InlineData("TLS/1.2", "TLS/1.2")]
    [InlineData("tls/1.2", "TLS/1.2")]
    [InlineData(" \tTLS/1.2\t ", "TLS/1.2")]
    [InlineData(",, TLS/1.2 ,\t,", "TLS/1.2")]
    [InlineData("TLS/1.2,TLS/1.2", "TLS/1.2")]
    [InlineData("foo/1, TLS/1.2, bar", "TLS/1.2")]
    [InlineData("h2c, TLS/1.3", "TLS/1.3")]
    [InlineData("TLS", "TLS")]
    [InlineData("HTTP/2.0, SHTTP/1.3, IRC/6.9, RTA/x11, TLS/1.2", "TLS/1.2")]
    [InlineData("TLS/2.0, TLS/1.3", "TLS/1.3")]
    public void Select_ListWithTls_FindsToken(string line, string expected) =>
        Assert.Equal(expected, UpgradeTokenText.Format(Offer(line).Select(Modern, strict: true)));

    [Theory]
    [InlineData("")]
    [InlineData(" , ,")]
    [InlineData("h2c")]
    [InlineData("TLS/1")]
    [InlineData("TLS/2.0")]
    [InlineData("TLS/1.2;q=1")]
    [InlineData("\"TLS/1.2\"")]
    [InlineData("TLS/1.2 TLS/1.3")]
    [InlineData("TLS;TLS/1.2")]
    [InlineData("TLS\u00a0")]
    public void Select_ListWithoutTls_IsNone(string line)
    {
        Assert.False(Offer(line).HasTls);
        Assert.Equal(UpgradeToken.None, Offer(line).Select(Modern, strict: false));
    }

    [Fact]
    public void HasTls_NoLine_IsFalse() => Assert.False(Offer().HasTls);

    [Theory]
    [InlineData("foo", "TLS/1.2", "TLS/1.2")]
    [InlineData("TLS/1.2", "foo", "TLS/1.2")]
    [InlineData("TLS/1.2", "TLS/1.3", "TLS/1.3")]
    [InlineData("TLS/1.3", "TLS/1.2", "TLS/1.3")]
    [InlineData("", "TLS", "TLS")]
    public void Select_SeveralLines_AreOneList(string first, string second, string expected) =>
        Assert.Equal(expected, UpgradeTokenText.Format(Offer(first, second).Select(Modern, strict: true)));

    [Theory]
    [InlineData("TLS/1.0, TLS/1.1, TLS/1.2, TLS/1.3", Modern, "TLS/1.3")]
    [InlineData("TLS/1.3, TLS/1.2", SslProtocols.Tls12, "TLS/1.2")]
    [InlineData("TLS/1.2, TLS/1.0", SslProtocols.Tls13 | SslProtocols.Tls12, "TLS/1.2")]
    [InlineData("TLS, TLS/1.2", SslProtocols.Tls12, "TLS/1.2")]
    [InlineData("TLS, TLS/1.2", SslProtocols.Tls13, "TLS")]
    public void Select_SeveralTokens_IsHighestEnabled(string line, SslProtocols enabled, string expected)
    {
        Assert.Equal(expected, UpgradeTokenText.Format(Offer(line).Select(enabled, strict: false)));
        Assert.Equal(expected, UpgradeTokenText.Format(Offer(line).Select(enabled, strict: true)));
    }

    [Theory]
    [InlineData("TLS/1.0", Modern, "TLS/1.0")]
    [InlineData("TLS/1.0, TLS/1.1", Modern, "TLS/1.1")]
    [InlineData("TLS/1.3, TLS/1.0", SslProtocols.Tls12, "TLS/1.3")]
    [InlineData("TLS/1.2", SslProtocols.None, "TLS/1.2")]
    public void Select_NoneEnabled_IsHighestOfferedUnlessStrict(string line, SslProtocols enabled, string expected)
    {
        Assert.Equal(expected, UpgradeTokenText.Format(Offer(line).Select(enabled, strict: false)));
        Assert.Equal(UpgradeToken.None, Offer(line).Select(enabled, strict: true));
    }

    [Theory]
    [InlineData("websocket, TLS/1.2")]
    [InlineData("WebSocket,TLS")]
    [InlineData("websocket/13, TLS/1.2")]
    [InlineData("foo, websocket, TLS/1.2")]
    [InlineData("TLS/2.0, websocket, TLS/1.2")]
    public void HasTls_WebSocketBefore_LeavesOfferToApplication(string line)
    {
        Assert.False(Offer(line).HasTls);
        Assert.Equal(UpgradeToken.None, Offer(line).Select(Modern, strict: false));
    }

    [Fact]
    public void HasTls_WebSocketOnLineBefore_LeavesOfferToApplication() =>
        Assert.False(Offer("websocket", "TLS/1.2").HasTls);

    [Theory]
    [InlineData("TLS/1.2, websocket")]
    [InlineData("TLS, foo, websocket")]
    [InlineData("TLS/1.2, websocket, TLS/1.3")]
    [InlineData("websocketx, TLS/1.2")]
    [InlineData("xwebsocket, TLS/1.2")]
    public void HasTls_WebSocketAfterOrNotAtAll_StaysOnOffer(string line) => Assert.True(Offer(line).HasTls);

    [Fact]
    public void HasTls_WebSocketOnLineAfter_StaysOnOffer() => Assert.True(Offer("TLS/1.2", "websocket").HasTls);

    private static UpgradeOffer Offer(params string[] lines)
    {
        var offer = default(UpgradeOffer);
        foreach (var line in lines)
        {
            offer.Add(line);
        }

        return offer;
    }
}
