using System.Net.Security;
using KestrelTlsUpgrade.Client.Internal.Switching;

namespace KestrelTlsUpgrade.Client.Tests.Switching;

public sealed class ProtocolOfferTests
{
    private const string BoundMark = "http/1.1-upgraded=VNKU0Gu1Ii5mpp1GHXSEDvJ3pGsNHUWaEXqtK3gwY80";

    private readonly ProtocolOffer _offer = new(
        "OPTIONS * HTTP/1.1\r\nHost: printer.example:631\r\nUpgrade: TLS/1.2, http/1.1-upgraded\r\nConnection: Upgrade\r\n\r\n"u8);

    [Fact]
    public void Ids_BoundMarkFirst() =>
        Assert.Equal([BoundMark, "http/1.1-upgraded", "http/1.1"], _offer.Ids.Select(static id => id.ToString()));

    [Theory]
    [InlineData("", true, false)]
    [InlineData("http/1.1", true, false)]
    [InlineData("http/1.1-upgraded", true, false)]
    [InlineData(BoundMark, true, true)]
    [InlineData("h2", false, false)]
    [InlineData("http/1.0", false, false)]
    [InlineData("http/1.1-upgraded=", false, false)]
    [InlineData("http/1.1-upgraded=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", false, false)]
    public void Selected_OnlyWhatWasOffered(string selected, bool isAllowed, bool isConfirmed)
    {
        var id = selected.Length == 0 ? default : new SslApplicationProtocol(selected);
        Assert.Equal(isAllowed, _offer.Allows(id));
        Assert.Equal(isConfirmed, _offer.IsConfirmedBy(id));
    }
}
