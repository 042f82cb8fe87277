using System.Buffers;
using System.Net;
using System.Text;
using KestrelTlsUpgrade.ProxyProtocol.Internal.Headers;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.Tests.ProxyProtocol;

/// <summary>What both versions have in common: a header means the same however it comes, and what cannot become one is refused at once.</summary>
public sealed class ProxyHeaderReaderTests
{
    private static readonly byte[] Behind = "GET / HTTP/1.1\r\n"u8.ToArray();

    private static readonly IPEndPoint IPv4Source = IPEndPoint.Parse("192.0.2.1:56324");
    private static readonly IPEndPoint IPv4Destination = IPEndPoint.Parse("198.51.100.7:443");
    private static readonly IPEndPoint IPv6Source = IPEndPoint.Parse("[2001:db8::1]:65535");
    private static readonly IPEndPoint IPv6Destination = IPEndPoint.Parse("[2001:db8:0:1:2:3:4:5]:0");

    private static readonly Dictionary<string, (byte[] Header, ProxyHeaderKind Kind)> Headers = new()
    {
        ["TCP4"] = (ProxyHeaders.Line(IPv4Source, IPv4Destination), ProxyHeaderKind.Proxied),
        ["TCP6"] = (ProxyHeaders.Line(IPv6Source, IPv6Destination), ProxyHeaderKind.Proxied),
        ["UNKNOWN"] = ("PROXY UNKNOWN\r\n"u8.ToArray(), ProxyHeaderKind.OwnAddresses),
        ["UNKNOWN with more"] = ("PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n"u8.ToArray(), ProxyHeaderKind.OwnAddresses),
        ["IPv4"] = (ProxyHeaders.Block(IPv4Source, IPv4Destination), ProxyHeaderKind.Proxied),
        ["IPv6"] = (ProxyHeaders.Block(IPv6Source, IPv6Destination), ProxyHeaderKind.Proxied),
        ["fields"] = (ProxyHeaders.Block(IPv4Source, IPv4Destination, ProxyHeaders.Field(0x04, new byte[300])), ProxyHeaderKind.Proxied),
        ["checksum"] = (ProxyHeaders.WithChecksum(ProxyHeaders.Block(IPv6Source, IPv6Destination)), ProxyHeaderKind.Proxied),
        ["LOCAL"] = (ProxyHeaders.Block(ProxyHeaders.Local, 0, []), ProxyHeaderKind.OwnAddresses),
        ["Unix"] = (ProxyHeaders.Block(ProxyHeaders.Proxy, 0x31, new byte[216]), ProxyHeaderKind.OwnAddresses),
    };

    public static TheoryData<string> Names => [.. Headers.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Read_Whole_HasItsAddressesAndLength(string name)
    {
        var (bytes, kind) = Headers[name];
        var header = ProxyHeaderReader.Read(bytes);

        Assert.Equal((kind, bytes.Length, null), (header.Kind, header.Length, header.Fault));
        var isIPv6 = name is "TCP6" or "IPv6" or "checksum";
        var isProxied = kind is ProxyHeaderKind.Proxied;
        Assert.Equal(!isProxied ? null : isIPv6 ? IPv6Source : IPv4Source, header.Source);
        Assert.Equal(!isProxied ? null : isIPv6 ? IPv6Destination : IPv4Destination, header.Destination);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Read_MoreBehindIt_IsTheSame(string name)
    {
        var bytes = Headers[name].Header;
        Assert.Equal(ProxyHeaderReader.Read(bytes), ProxyHeaderReader.Read([.. bytes, .. Behind]));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Read_CutAnywhere_IsIncomplete(string name)
    {
        var bytes = Headers[name].Header;
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.Equal(ProxyHeader.Incomplete, ProxyHeaderReader.Read(bytes.AsSpan(0, length)));
            Assert.Equal(ProxyHeader.Incomplete, ProxyHeaderReader.Read(Sequences.CutAt(bytes.AsMemory(0, length), length / 2)));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Read_InPiecesOfAnySize_IsTheSame(string name)
    {
        byte[] bytes = [.. Headers[name].Header, .. Behind];
        var expected = ProxyHeaderReader.Read(bytes);
        Assert.Equal(expected, ProxyHeaderReader.Read(Sequences.CutEverywhere(bytes)));
        for (var position = 0; position <= bytes.Length; position++)
        {
            Assert.Equal(expected, ProxyHeaderReader.Read(Sequences.CutAt(bytes, position)));
        }
    }

    [Theory]
    [InlineData("PROXY TCP4 ")]
    [InlineData("\r\n\r\n\0\r\nQUIT\n")]
    public void Read_OneByteOfTheSignatureWrong_IsRefusedAtThatByte(string signature)
    {
        var bytes = Encoding.Latin1.GetBytes(signature);
        for (var position = 0; position < 6; position++)
        {
            var wrong = bytes[..(position + 1)];
            wrong[position] ^= 0x20;
            Assert.Equal(ProxyHeaderKind.Incomplete, ProxyHeaderReader.Read(wrong.AsSpan(0, position)).Kind);
            Assert.Equal(ProxyHeaderKind.Invalid, ProxyHeaderReader.Read(wrong).Kind);
        }
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n")]
    [InlineData("PRI * HTTP/2.0\r\n")]
    [InlineData("PUT / HTTP/1.1\r\n")]
    [InlineData("proxy TCP4 192.0.2.1 192.0.2.2 1 2\r\n")]
    [InlineData(" PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n")]
    [InlineData("\r\nPROXY UNKNOWN\r\n")]
    [InlineData("\u0016\u0003\u0001")]
    public void Read_SomethingElse_IsRefused(string text)
    {
        var header = ProxyHeaderReader.Read(Encoding.Latin1.GetBytes(text));
        Assert.Equal(ProxyHeaderKind.Invalid, header.Kind);
        Assert.Contains("signature", header.Fault);
    }

    [Fact]
    public void Read_Nothing_IsIncomplete() => Assert.Equal(ProxyHeader.Incomplete, ProxyHeaderReader.Read(ReadOnlySequence<byte>.Empty));
}
