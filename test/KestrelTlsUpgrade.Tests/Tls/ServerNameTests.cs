using KestrelTlsUpgrade.Internal.Tls;

namespace KestrelTlsUpgrade.Tests.Tls;

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
    [InlineData("b\u00fccher.test", "xn--bcher-kva.test")]
    [InlineData("a\u0378.test", "xn--a-qib.test")]
    [InlineData("xn--a.test", "xn--a.test")]
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
