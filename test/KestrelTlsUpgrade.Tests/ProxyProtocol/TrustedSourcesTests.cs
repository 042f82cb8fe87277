using System.Net;
using System.Net.Sockets;
using KestrelTlsUpgrade.ProxyProtocol;
using KestrelTlsUpgrade.ProxyProtocol.Internal;

namespace KestrelTlsUpgrade.Tests.ProxyProtocol;

public sealed class TrustedSourcesTests
{
    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1", true)]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)]
    [InlineData("::ffff:192.0.2.1", "192.0.2.1", true)]
    [InlineData("::ffff:192.0.2.1", "::ffff:192.0.2.1", true)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("192.0.2.1", "::192.0.2.1", false)]
    [InlineData("2001:db8::1", "2001:db8::1", true)]
    [InlineData("2001:db8::1", "2001:db8::2", false)]
    [InlineData("127.0.0.1", "::1", false)]
    [InlineData("fe80::1%2", "fe80::1%2", true)]
    [InlineData("fe80::1%2", "fe80::1%3", false)]
    [InlineData("fe80::1", "fe80::1%2", false)]
    public void Contains_KnownProxy_WhicheverWayItIsWritten(string known, string source, bool isTrusted)
    {
        var options = new ProxyProtocolOptions { KnownProxies = { IPAddress.Parse(known) } };
        Assert.Equal(isTrusted, new TrustedSources(options).Contains(new IPEndPoint(IPAddress.Parse(source), 1)));
    }

    [Theory]
    [InlineData("192.0.2.0/24", "192.0.2.255", true)]
    [InlineData("192.0.2.0/24", "::ffff:192.0.2.255", true)]
    [InlineData("192.0.2.0/24", "192.0.3.0", false)]
    [InlineData("192.0.2.0/24", "::ffff:192.0.3.0", false)]
    [InlineData("192.0.2.0/24", "c000:0200::", false)]
    [InlineData("::ffff:192.0.2.0/120", "::ffff:192.0.2.1", true)]
    [InlineData("::ffff:192.0.2.0/120", "::ffff:192.0.3.1", false)]
    [InlineData("2001:db8::/32", "2001:db8:1::", true)]
    [InlineData("2001:db8::/32", "2001:db9::", false)]
    [InlineData("0.0.0.0/0", "192.0.2.1", true)]
    [InlineData("0.0.0.0/0", "2001:db8::1", false)]
    [InlineData("fe80::/64", "fe80::1%2", true)]
    [InlineData("::/0", "2001:db8::1", true)]
    [InlineData("::/0", "192.0.2.1", false)]
    public void Contains_KnownNetwork_WhicheverWayItIsSeen(string known, string source, bool isTrusted)
    {
        var options = new ProxyProtocolOptions { KnownIPNetworks = { IPNetwork.Parse(known) } };
        Assert.Equal(isTrusted, new TrustedSources(options).Contains(new IPEndPoint(IPAddress.Parse(source), 1)));
    }

    [Fact]
    public void Contains_NoAddress_IsNotTrusted()
    {
        var sources = new TrustedSources(new() { KnownIPNetworks = { IPNetwork.Parse("0.0.0.0/0"), IPNetwork.Parse("::/0") } });
        Assert.False(sources.Contains(null));
        Assert.False(sources.Contains(new UnixDomainSocketEndPoint("/tmp/socket")));
    }

    [Fact]
    public void IsEmpty_NeitherAddressNorNetwork()
    {
        Assert.True(new TrustedSources(new()).IsEmpty);
        Assert.False(new TrustedSources(new() { KnownProxies = { IPAddress.Loopback } }).IsEmpty);
        Assert.False(new TrustedSources(new() { KnownIPNetworks = { IPNetwork.Parse("10.0.0.0/8") } }).IsEmpty);
    }

    [Fact]
    public void Contains_OptionsChangedLater_StaysAsItWas()
    {
        var options = new ProxyProtocolOptions { KnownProxies = { IPAddress.Loopback } };
        var sources = new TrustedSources(options);
        options.KnownProxies.Add(IPAddress.IPv6Loopback);
        options.KnownIPNetworks.Add(IPNetwork.Parse("::/0"));
        Assert.False(sources.Contains(new IPEndPoint(IPAddress.IPv6Loopback, 1)));
    }
}
