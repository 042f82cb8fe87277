using System.Net;
using KestrelTlsUpgrade.Report.Internal.Collecting;

namespace KestrelTlsUpgrade.Tests.Report;

public sealed class NetworkPrefixTests
{
    [Theory]
    [InlineData("192.0.2.255", "192.0.2.0/24")]
    [InlineData("127.0.0.1", "127.0.0.0/24")]
    [InlineData("0.0.0.1", "0.0.0.0/24")]
    [InlineData("::ffff:192.0.2.1", "192.0.2.0/24")]
    [InlineData("2001:db8:aabb:ccdd::1", "2001:db8:aabb::/48")]
    [InlineData("fe80::1%3", "fe80::/48")]
    [InlineData("::1", "::1")]
    [InlineData("::2", "::/48")]
    [InlineData("0:0:0:1::1", "::/48")]
    public void Of_Address_IsItsNetwork(string address, string expected) =>
        Assert.Equal(expected, NetworkPrefix.Of(IPAddress.Parse(address)).ToString());

    [Fact]
    public void Of_NoAddress_IsLocal() => Assert.Equal("local", NetworkPrefix.Of(null).ToString());

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.2", true)]
    [InlineData("192.0.2.1", "::ffff:192.0.2.2", true)]
    [InlineData("192.0.2.1", "192.0.3.1", false)]
    [InlineData("2001:db8:1::1", "2001:db8:1:ffff::1", true)]
    [InlineData("2001:db8:1::1", "2001:db8:2::1", false)]
    [InlineData("::1", "::2", false)]
    [InlineData("0.0.0.0", "::", false)]
    public void Equals_GoesByTheNetwork(string one, string other, bool expected) =>
        Assert.Equal(expected, NetworkPrefix.Of(IPAddress.Parse(one)) == NetworkPrefix.Of(IPAddress.Parse(other)));
}
