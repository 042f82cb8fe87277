using KestrelTlsUpgrade.Internal.Switching;

namespace KestrelTlsUpgrade.Tests.Switching;

public sealed class ServerNameTests
{
    [Theory]
    [InlineData("a.test", "a.test")]
    [InlineData("A.TEST", "a.test")]
    [InlineData("a.test", "A.Test")]
    [InlineData("a.test.", "a.test")]
    [InlineData("a.test", "a.test.")]
    [InlineData("a.test.", "a.test.")]
    [InlineData("", "a.test")]
    [InlineData("", "")]
    public void Agrees_SameNameOrNone_IsTrue(string serverName, string host) => Assert.True(ServerName.Agrees(serverName, host));

    [Theory]
    [InlineData("b.test", "a.test")]
    [InlineData("a.test", "www.a.test")]
    [InlineData("www.a.test", "a.test")]
    [InlineData("a.test..", "a.test")]
    [InlineData(".a.test", "a.test")]
    [InlineData("a.test", "")]
    [InlineData("a.test", "a.test:443")]
    [InlineData("*.test", "a.test")]
    public void Agrees_OtherName_IsFalse(string serverName, string host) => Assert.False(ServerName.Agrees(serverName, host));
}
