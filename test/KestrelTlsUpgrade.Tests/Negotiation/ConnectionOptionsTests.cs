using KestrelTlsUpgrade.Internal.Negotiation;

namespace KestrelTlsUpgrade.Tests.Negotiation;

public sealed class ConnectionOptionsTests
{
    [Theory]
    [InlineData("Upgrade", true)]
    [InlineData("upgrade", true)]
    [InlineData("keep-alive, UPGRADE", true)]
    [InlineData("upgrade,close", true)]
    [InlineData(" ,\tupgrade\t, ", true)]
    [InlineData("", false)]
    [InlineData("keep-alive", false)]
    [InlineData("upgrade-insecure", false)]
    [InlineData("xupgrade", false)]
    [InlineData("up grade", false)]
    [InlineData("upgrade;q=1", false)]
    [InlineData("\vupgrade", false)]
    [InlineData("upgrade\u00a0", false)]
    public void HasUpgrade_List_FindsOption(string value, bool expected) =>
        Assert.Equal(expected, ConnectionOptions.HasUpgrade(value));

    [Theory]
    [InlineData("close", true)]
    [InlineData("Upgrade, CLOSE", true)]
    [InlineData("", false)]
    [InlineData("closed", false)]
    [InlineData("keep-alive", false)]
    public void HasClose_List_FindsOption(string value, bool expected) =>
        Assert.Equal(expected, ConnectionOptions.HasClose(value));

    [Theory]
    [InlineData("Upgrade", "")]
    [InlineData("Upgrade, X-Hop", "")]
    [InlineData("keep-alive,upgrade , close", "keep-alive,close")]
    [InlineData("X-Hop, CLOSE, TE", "CLOSE")]
    [InlineData(", ,", "")]
    [InlineData("keep-alive", "keep-alive")]
    [InlineData("upgrade, upgrade", "")]
    [InlineData("\vclose", "")]
    public void GetPersistence_List_KeepsWhetherTheConnectionGoesOn(string value, string expected) =>
        Assert.Equal(expected, ConnectionOptions.GetPersistence(value));
}
