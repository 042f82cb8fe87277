using System.Net;
using KestrelTlsUpgrade.Tunnel.Internal.Target;

namespace KestrelTlsUpgrade.Tunnel.Tests.Target;

public sealed class ConnectTargetTests
{
    [Theory]
    [InlineData("a.test:443", "a.test", 443, "a.test:443")]
    [InlineData("A.Test:1", "a.test", 1, "a.test:1")]
    [InlineData("localhost:65535", "localhost", 65535, "localhost:65535")]
    [InlineData("a.test:9000", "a.test", 9000, "a.test:9000")]
    [InlineData("a.test.:443", "a.test.", 443, "a.test.:443")]
    [InlineData("_dmarc.xn--bcher-kva.test:80", "_dmarc.xn--bcher-kva.test", 80, "_dmarc.xn--bcher-kva.test:80")]
    [InlineData("1.2.3.4.a:80", "1.2.3.4.a", 80, "1.2.3.4.a:80")]
    [InlineData("0xg:80", "0xg", 80, "0xg:80")]
    [InlineData("203.0.113.255:80", "203.0.113.255", 80, "203.0.113.255:80")]
    [InlineData("[2001:DB8::1]:443", "2001:db8::1", 443, "[2001:db8::1]:443")]
    [InlineData("[::]:443", "::", 443, "[::]:443")]
    [InlineData("[::ffff:127.0.0.1]:443", "::ffff:127.0.0.1", 443, "[::ffff:127.0.0.1]:443")]
    public void P01_Parse_Valid_IsUnderstood(string authority, string host, int port, string written)
    {
        var target = ConnectTarget.Parse(authority);
        Assert.NotNull(target);
        Assert.Equal((host, port, written), (target.Host, target.Port, target.Authority));
        Assert.Equal(IPAddress.TryParse(host, out _), target.Address is not null);
    }

    [Theory]
    // No port, or none that can be (P-02).
    [InlineData("a.test")]
    [InlineData("a.test:")]
    [InlineData("a.test:0")]
    [InlineData("a.test:00")]
    [InlineData("a.test:0443")]
    [InlineData("a.test:80\0")]
    [InlineData("1.2.3.4\0:80")]
    [InlineData("1.2\0.3.4:80")]
    [InlineData("a.test:65536")]
    [InlineData("a.test:4294967739")]
    [InlineData("a.test:99999999999999999999")]
    [InlineData("a.test:+443")]
    [InlineData("a.test:-1")]
    [InlineData("a.test: 443")]
    [InlineData("a.test:443 ")]
    [InlineData("a.test:44x")]
    [InlineData("a.test:0x1bb")]
    [InlineData("a.test:443:443")]
    [InlineData("a.test:４４３")]
    [InlineData(":443")]
    [InlineData("")]
    [InlineData("443")]
    // Other forms (P-03).
    [InlineData("http://a.test:443")]
    [InlineData("http://a.test:443/")]
    [InlineData("/")]
    [InlineData("*")]
    [InlineData("u@a.test:443")]
    [InlineData("u:p@a.test:443")]
    [InlineData("a.test:443/x")]
    [InlineData("a.test:443?x")]
    [InlineData("a.test:443#x")]
    [InlineData("a.test/:443")]
    [InlineData("a.test\\:443")]
    // Addresses in disguise.
    [InlineData("127.1:443")]
    [InlineData("127.0.1:443")]
    [InlineData("2130706433:443")]
    [InlineData("017700000001:443")]
    [InlineData("0x7f000001:443")]
    [InlineData("0x7f.1:443")]
    [InlineData("0x7f.0.0.1:443")]
    [InlineData("0X7F.0.0.0x1:443")]
    [InlineData("0177.0.0.1:443")]
    [InlineData("127.0.0.01:443")]
    [InlineData("127.0.0.1.:443")]
    [InlineData("127.1.:443")]
    [InlineData("127.0.0.0x:443")]
    [InlineData("a.1:443")]
    [InlineData("256.0.0.1:443")]
    [InlineData("1.2.3.4.5:443")]
    [InlineData("1..2.3:443")]
    [InlineData("１２７.0.0.1:443")]
    [InlineData("127。0。0。1:443")]
    [InlineData("⑫7.0.0.1:443")]
    [InlineData("%31%32%37.0.0.1:443")]
    [InlineData("localhos%74:443")]
    [InlineData("a.test%00:443")]
    // IPv6 that is not just an address.
    [InlineData("::1:443")]
    [InlineData("2001:db8::1:443")]
    [InlineData("[::1]")]
    [InlineData("[::1]443")]
    [InlineData("[::1:443")]
    [InlineData("::1]:443")]
    [InlineData("[]:443")]
    [InlineData("[::1%lo]:443")]
    [InlineData("[::1%25lo]:443")]
    [InlineData("[fe80::1%1]:443")]
    [InlineData("[::1/128]:443")]
    [InlineData("[[::1]]:443")]
    [InlineData("[127.0.0.1]:443")]
    [InlineData("[::ffff:0177.0.0.1]:443")]
    [InlineData("[::ffff:127.1]:443")]
    [InlineData("[v1.a]:443")]
    [InlineData("[a.test]:443")]
    [InlineData("[::1 ]:443")]
    [InlineData("[1:2:3:4:5:6:7:8:9]:443")]
    // Names that are none.
    [InlineData("a..test:443")]
    [InlineData(".test:443")]
    [InlineData("a.test..:443")]
    [InlineData(".:443")]
    [InlineData("-a.test:443")]
    [InlineData("a-.test:443")]
    [InlineData("a b:443")]
    [InlineData("a\tb:443")]
    [InlineData("a.test\r\nX: y:443")]
    [InlineData("a,b:443")]
    [InlineData("ä.test:443")]
    [InlineData("a\0b:443")]
    [InlineData("*.test:443")]
    public void P02_P03_A19_Parse_Invalid_IsNot(string authority) => Assert.Null(ConnectTarget.Parse(authority));

    [Theory]
    [InlineData(63, true)]
    [InlineData(64, false)]
    public void Parse_Label_HasALimit(int length, bool isValid) =>
        Assert.Equal(isValid, ConnectTarget.Parse($"{new string('a', length)}.test:443") is not null);

    [Theory]
    [InlineData(253, "", true)]
    [InlineData(253, ".", true)]
    [InlineData(254, "", false)]
    public void Parse_Name_HasALimit(int length, string end, bool isValid)
    {
        var name = string.Concat(Enumerable.Repeat("a.", 126)) + new string('b', length - 252);
        Assert.Equal(length, name.Length);
        Assert.Equal(isValid, ConnectTarget.Parse($"{name}{end}:443") is not null);
    }

    [Theory]
    [InlineData("localhost:1", true)]
    [InlineData("LOCALHOST.:1", true)]
    [InlineData("a.localhost:1", true)]
    [InlineData("notlocalhost:1", false)]
    [InlineData("localhost.test:1", false)]
    [InlineData("127.0.0.1:1", false)]
    public void IsLoopbackName_IsLocalhostAndWhatIsBelow(string authority, bool expected) =>
        Assert.Equal(expected, ConnectTarget.Parse(authority)!.IsLoopbackName);

    [Theory]
    [InlineData("a.test", true)]
    [InlineData("a.test:443", true)]
    [InlineData("[::1]", true)]
    [InlineData("127.0.0.1", true)]
    [InlineData("", false)]
    [InlineData("a.test:", false)]
    [InlineData("a b", false)]
    [InlineData("127.1", false)]
    public void IsHost_WithOrWithoutPort(string value, bool expected) => Assert.Equal(expected, ConnectTarget.IsHost(value));
}
