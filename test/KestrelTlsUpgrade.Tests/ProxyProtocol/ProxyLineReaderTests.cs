using System.Net;
using System.Text;
using KestrelTlsUpgrade.ProxyProtocol.Internal.Headers;

namespace KestrelTlsUpgrade.Tests.ProxyProtocol;

/// <summary>Version 1 (section 2.1).</summary>
public sealed class ProxyLineReaderTests
{
    [Theory]
    [InlineData("PROXY TCP4 0.0.0.0 255.255.255.255 0 65535", "0.0.0.0:0", "255.255.255.255:65535")]
    [InlineData("PROXY TCP4 10.20.30.40 1.2.3.4 1 9", "10.20.30.40:1", "1.2.3.4:9")]
    [InlineData("PROXY TCP6 :: ::1 1 2", "[::]:1", "[::1]:2")]
    [InlineData("PROXY TCP6 2001:DB8::A 2001:db8::b 1 2", "[2001:db8::a]:1", "[2001:db8::b]:2")]
    [InlineData("PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 1:2:3:4:5:6:7:8 65535 65535", "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535", "[1:2:3:4:5:6:7:8]:65535")]
    [InlineData("PROXY TCP6 ::ffff:192.0.2.1 ::ffff:192.0.2.2 1 2", "[::ffff:192.0.2.1]:1", "[::ffff:192.0.2.2]:2")]
    public void Read_Addresses_AreTaken(string line, string source, string destination)
    {
        var header = Read(line + "\r\n");
        Assert.Equal(ProxyHeader.Proxied(line.Length + 2, IPEndPoint.Parse(source), IPEndPoint.Parse(destination)), header);
    }

    [Theory]
    [InlineData("PROXY UNKNOWN")]
    [InlineData("PROXY UNKNOWN ")]
    [InlineData("PROXY UNKNOWN  anything, but no line end \0")]
    public void Read_Unknown_IgnoresTheRest(string line) =>
        Assert.Equal(ProxyHeader.OwnAddresses(line.Length + 2), Read(line + "\r\n"));

    [Theory]
    [InlineData("PROXY ")]
    [InlineData("PROXY  UNKNOWN")]
    [InlineData("PROXY UNKNOWNS")]
    [InlineData("PROXY unknown")]
    [InlineData("PROXY TCP")]
    [InlineData("PROXY TCP5 192.0.2.1 192.0.2.2 1 2")]
    [InlineData("PROXY tcp4 192.0.2.1 192.0.2.2 1 2")]
    [InlineData("PROXY UDP4 192.0.2.1 192.0.2.2 1 2")]
    [InlineData("PROXY TCP4\t192.0.2.1 192.0.2.2 1 2")]
    public void Read_OtherProtocol_IsRefused(string line) => AssertRefused(line, "protocol is none of");

    [Theory]
    [InlineData("PROXY TCP4")]
    [InlineData("PROXY TCP4 ")]
    [InlineData("PROXY TCP4 192.0.2.1")]
    [InlineData("PROXY TCP4  192.0.2.1 192.0.2.2 1 2")]
    [InlineData("PROXY TCP4 192.0.2.1  192.0.2.2 1 2")]
    [InlineData("PROXY TCP4 192.0.2 192.0.2.2 1 2")]
    [InlineData("PROXY TCP4 192.0.2.1.1 192.0.2.2 1 2")]
    [InlineData("PROXY TCP4 192.0.2. 192.0.2.2 1 2")]
    [InlineData("PROXY TCP4 .0.2.1 192.0.2.2 1 2")]
    [InlineData("PROXY TCP4 192.0..1 192.0.2.2 1 2")]
    [InlineData("PROXY TCP4 192.0.2.256 192.0.2.2 1 2")]
    [InlineData("PROXY TCP4 192.0.2.01 192.0.2.2 1 2")]
    [InlineData("PROXY TCP4 192.0.2.0x1 192.0.2.2 1 2")]
    [InlineData("PROXY TCP4 192.0.2.+1 192.0.2.2 1 2")]
    [InlineData("PROXY TCP4 192.0.2.1\t 192.0.2.2 1 2")]
    [InlineData("PROXY TCP4 3221225985 192.0.2.2 1 2")]
    [InlineData("PROXY TCP4 ::1 192.0.2.2 1 2")]
    [InlineData("PROXY TCP4 192.0.2.1 ::1 1 2")]
    [InlineData("PROXY TCP4 192.0.2.1 192.0.2.2.1 1 2")]
    [InlineData("PROXY TCP6 192.0.2.1 ::1 1 2")]
    [InlineData("PROXY TCP6 ::1 192.0.2.1 1 2")]
    [InlineData("PROXY TCP6 1:2:3:4:5:6:7 ::1 1 2")]
    [InlineData("PROXY TCP6 1:2:3:4:5:6:7:8:9 ::1 1 2")]
    [InlineData("PROXY TCP6 1::2::3 ::1 1 2")]
    [InlineData("PROXY TCP6 12345::1 ::1 1 2")]
    [InlineData("PROXY TCP6 g::1 ::1 1 2")]
    [InlineData("PROXY TCP6 : ::1 1 2")]
    [InlineData("PROXY TCP6 ::1%1 ::1 1 2")]
    [InlineData("PROXY TCP6 [::1] ::1 1 2")]
    [InlineData("PROXY TCP6 [::1]:80 ::1 1 2")]
    [InlineData("PROXY TCP6 ::1/64 ::1 1 2")]
    [InlineData("PROXY TCP6 ::ffff:192.0.2.01 ::1 1 2")]
    [InlineData("PROXY TCP6 ::ffff:192.0.2 ::1 1 2")]
    [InlineData("PROXY TCP6 ::ffff:192.0.2.256 ::1 1 2")]
    [InlineData("PROXY TCP6 ::1  1 2")]
    public void Read_OtherAddress_IsRefused(string line) => AssertRefused(line, "address");

    [Theory]
    [InlineData("PROXY TCP4 192.0.2.1 192.0.2.2")]
    [InlineData("PROXY TCP4 192.0.2.1 192.0.2.2 ")]
    [InlineData("PROXY TCP4 192.0.2.1 192.0.2.2 1")]
    [InlineData("PROXY TCP4 192.0.2.1 192.0.2.2 1 ")]
    [InlineData("PROXY TCP4 192.0.2.1 192.0.2.2  1 2")]
    [InlineData("PROXY TCP4 192.0.2.1 192.0.2.2 1  2")]
    [InlineData("PROXY TCP4 192.0.2.1 192.0.2.2 1 2 ")]
    [InlineData("PROXY TCP4 192.0.2.1 192.0.2.2 1 2 3")]
    [InlineData("PROXY TCP4 192.0.2.1 192.0.2.2 01 2")]
    [InlineData("PROXY TCP4 192.0.2.1 192.0.2.2 00 2")]
    [InlineData("PROXY TCP4 192.0.2.1 192.0.2.2 65536 2")]
    [InlineData("PROXY TCP4 192.0.2.1 192.0.2.2 1 65536")]
    [InlineData("PROXY TCP4 192.0.2.1 192.0.2.2 4294967297 2")]
    [InlineData("PROXY TCP4 192.0.2.1 192.0.2.2 -1 2")]
    [InlineData("PROXY TCP4 192.0.2.1 192.0.2.2 +1 2")]
    [InlineData("PROXY TCP4 192.0.2.1 192.0.2.2 0x1 2")]
    [InlineData("PROXY TCP4 192.0.2.1 192.0.2.2 1a 2")]
    public void Read_OtherPort_IsRefused(string line) => AssertRefused(line, "port");

    [Theory]
    [InlineData("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\n")]
    [InlineData("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\rG")]
    [InlineData("PROXY UNKNOWN a\rb\r\n")]
    [InlineData("PROXY UNKNOWN a\nb\r\n")]
    [InlineData("PROXY UNKNOWN\r\r\n")]
    public void Read_OtherLineEnd_IsRefused(string text)
    {
        var header = Read(text);
        Assert.Equal(ProxyHeaderKind.Invalid, header.Kind);
        Assert.Contains("CR LF", header.Fault);
    }

    [Fact]
    public void Read_LongestLine_IsTaken()
    {
        var text = "PROXY UNKNOWN ".PadRight(105, 'x') + "\r\n";
        Assert.Equal(ProxyHeader.OwnAddresses(107), Read(text));
        Assert.Equal(ProxyHeader.OwnAddresses(107), Read(text + "x"));
        Assert.Equal(ProxyHeader.Incomplete, Read(text[..^1]));
    }

    [Theory]
    [InlineData(107, "")]
    [InlineData(106, "\r")]
    [InlineData(106, "\r\n")]
    [InlineData(200, "\r\n")]
    public void Read_LongerLine_IsRefused(int length, string end)
    {
        var header = Read("PROXY UNKNOWN ".PadRight(length, 'x') + end);
        Assert.Equal(ProxyHeaderKind.Invalid, header.Kind);
        Assert.Contains("107", header.Fault);
    }

    private static void AssertRefused(string line, string fault)
    {
        var header = Read(line + "\r\n");
        Assert.Equal((ProxyHeaderKind.Invalid, 0, null, null), (header.Kind, header.Length, header.Source, header.Destination));
        Assert.Contains(fault, header.Fault);
    }

    private static ProxyHeader Read(string text) => ProxyHeaderReader.Read(Encoding.Latin1.GetBytes(text));
}
