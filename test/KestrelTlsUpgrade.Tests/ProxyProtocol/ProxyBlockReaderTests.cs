using System.Net;
using System.Text;
using KestrelTlsUpgrade.ProxyProtocol.Internal.Headers;
using KestrelTlsUpgrade.Testing;
using static KestrelTlsUpgrade.Testing.ProxyHeaders;

namespace KestrelTlsUpgrade.Tests.ProxyProtocol;

/// <summary>Version 2 (section 2.2).</summary>
public sealed class ProxyBlockReaderTests
{
    private static readonly IPEndPoint Source = IPEndPoint.Parse("192.0.2.1:4660");
    private static readonly IPEndPoint Destination = IPEndPoint.Parse("198.51.100.2:22136");
    private static readonly byte[] Addresses = Block(Source, Destination)[16..];

    /// <summary>Every value of the 13th byte: version and command.</summary>
    [Fact]
    public void Read_EveryVersionAndCommand_OnlyLocalAndProxyOfVersion2()
    {
        for (var value = 0; value <= byte.MaxValue; value++)
        {
            var expected = value switch
            {
                Local => ProxyHeaderKind.OwnAddresses,
                Proxy => ProxyHeaderKind.Proxied,
                _ => ProxyHeaderKind.Invalid,
            };
            var header = Block((byte)value, 0x11, Addresses);
            Assert.Equal(expected, ProxyHeaderReader.Read(header).Kind);
            Assert.Equal(expected is ProxyHeaderKind.Invalid, ProxyHeaderReader.Read(header.AsSpan(0, 13)).Kind is ProxyHeaderKind.Invalid);
        }
    }

    /// <summary>Every value of the 14th byte: address family and transport.</summary>
    [Fact]
    public void Read_EveryFamilyAndTransport_OnlyTcpHasAddresses()
    {
        for (var value = 0; value <= byte.MaxValue; value++)
        {
            var isSpecified = value >> 4 <= 3 && (value & 0xF) <= 2;
            var expected = value switch
            {
                0x11 or 0x21 => ProxyHeaderKind.Proxied,
                _ => isSpecified ? ProxyHeaderKind.OwnAddresses : ProxyHeaderKind.Invalid,
            };
            var content = Field(0x04, new byte[300]);
            var header = Block(Proxy, (byte)value, isSpecified && value >> 4 > 0 ? [.. new byte[216], .. content] : content);
            header = value switch
            {
                0x11 or 0x12 => Block(Proxy, (byte)value, [.. new byte[12], .. content]),
                0x21 or 0x22 => Block(Proxy, (byte)value, [.. new byte[36], .. content]),
                _ => header,
            };
            Assert.Equal(expected, ProxyHeaderReader.Read(header).Kind);
            Assert.Equal(!isSpecified, ProxyHeaderReader.Read(header.AsSpan(0, 14)).Kind is ProxyHeaderKind.Invalid);
        }
    }

    /// <summary>The family and the content of a health check are to be ignored, whatever they are.</summary>
    [Fact]
    public void Read_LocalOfEveryFamily_IsTakenWithAnyContent()
    {
        for (var value = 0; value <= byte.MaxValue; value++)
        {
            foreach (var content in (byte[][])[[], [0xFF], [.. Addresses, 0xFF], new byte[216]])
            {
                Assert.Equal(ProxyHeader.OwnAddresses(16 + content.Length), ProxyHeaderReader.Read(Block(Local, (byte)value, content)));
            }
        }
    }

    [Theory]
    [InlineData(0x11, 12)]
    [InlineData(0x12, 12)]
    [InlineData(0x21, 36)]
    [InlineData(0x22, 36)]
    [InlineData(0x31, 216)]
    [InlineData(0x32, 216)]
    public void Read_LengthWithoutRoomForAddresses_IsRefusedAtOnce(byte family, int length)
    {
        for (var shorter = 0; shorter < length; shorter++)
        {
            var header = ProxyHeaderReader.Read(Block(Proxy, family, new byte[shorter]).AsSpan(0, 16));
            Assert.Equal(ProxyHeaderKind.Invalid, header.Kind);
            Assert.Contains("room", header.Fault);
        }

        Assert.NotEqual(ProxyHeaderKind.Invalid, ProxyHeaderReader.Read(Block(Proxy, family, new byte[length])).Kind);
    }

    [Fact]
    public void Read_Fields_AreSkipped()
    {
        var header = Block(
            Source, Destination, Field(0x01, "h2"u8.ToArray()), Field(0x02, "example.com"u8.ToArray()), Field(0x04), Field(0x05, new byte[128]),
            Field(0x20, 0x01, 0, 0, 0, 0), Field(0xEA, new byte[2000]));
        Assert.Equal(ProxyHeader.Proxied(header.Length, Source, Destination), ProxyHeaderReader.Read(header));
    }

    [Fact]
    public void Read_LongestHeader_IsTaken()
    {
        var header = Block(Source, Destination, Field(0xE0, new byte[ushort.MaxValue - 12 - 3]));
        Assert.Equal(16 + ushort.MaxValue, header.Length);
        Assert.Equal(ProxyHeader.Proxied(header.Length, Source, Destination), ProxyHeaderReader.Read(header));
        Assert.Equal(ProxyHeader.Proxied(header.Length, Source, Destination), ProxyHeaderReader.Read(Sequences.CutAt(header, 4096)));
        Assert.Equal(ProxyHeader.Incomplete, ProxyHeaderReader.Read(header.AsSpan(0, header.Length - 1)));
    }

    [Theory]
    [InlineData(new byte[] { 0x04 })]
    [InlineData(new byte[] { 0x04, 0x00 })]
    [InlineData(new byte[] { 0x04, 0x00, 0x01 })]
    [InlineData(new byte[] { 0x04, 0xFF, 0xFF, 0x00 })]
    [InlineData(new byte[] { 0x04, 0x00, 0x00, 0x04, 0x00, 0x02, 0x00 })]
    public void Read_FieldThatDoesNotEndWithin_IsRefusedWhereAddressesCount(byte[] field)
    {
        var header = ProxyHeaderReader.Read(Block(Source, Destination, field));
        Assert.Equal(ProxyHeaderKind.Invalid, header.Kind);
        Assert.Contains("field", header.Fault);

        Assert.Equal(ProxyHeader.OwnAddresses(16 + field.Length), ProxyHeaderReader.Read(Block(Proxy, 0x00, field)));
    }

    /// <summary>The example of RFC 3720 appendix B.4, for the test's own sum.</summary>
    [Fact]
    public void GetCrc32C_KnownBytes_IsWhatItIs() => Assert.Equal(0x8A9136AAu, GetCrc32C(new byte[32]));

    [Theory]
    [InlineData(Proxy, 0x11)]
    [InlineData(Proxy, 0x31)]
    [InlineData(Proxy, 0x00)]
    [InlineData(Local, 0x00)]
    [InlineData(Local, 0x11)]
    public void Read_Checksum_CountsEveryBit(byte command, byte family)
    {
        byte[] content = family switch
        {
            0x11 => Addresses,
            0x31 => new byte[216],
            _ => [],
        };
        var header = WithChecksum(Block(command, family, [.. content, .. Field(0x04, 1, 2, 3)]));
        Assert.NotEqual(ProxyHeaderKind.Invalid, ProxyHeaderReader.Read(header).Kind);

        // Where the fields begin and end, and which of them is the checksum, must not change for it to be found.
        for (var position = 16; position < header.Length; position++)
        {
            var isLayout = (position >= 16 + content.Length && position < 19 + content.Length)
                || (position >= header.Length - 7 && position < header.Length - 4);
            for (var bit = 0; bit < 8 && !isLayout; bit++)
            {
                var wrong = header.ToArray();
                wrong[position] ^= (byte)(1 << bit);
                var read = ProxyHeaderReader.Read(wrong);
                Assert.Equal(ProxyHeaderKind.Invalid, read.Kind);
                Assert.Contains("checksum", read.Fault);
            }
        }
    }

    [Fact]
    public void Read_ChecksumBetweenOtherFields_IsFound()
    {
        var header = WithChecksum(Block(Source, Destination, Field(0x04, new byte[9])));
        byte[] rotated = [.. header[..28], .. header[^7..], .. header[28..^7]];
        var crc = rotated.ToArray();
        crc.AsSpan(31, 4).Clear();
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(rotated.AsSpan(31), GetCrc32C(crc));
        Assert.Equal(ProxyHeader.Proxied(rotated.Length, Source, Destination), ProxyHeaderReader.Read(rotated));
        rotated[^1] ^= 1;
        Assert.Equal(ProxyHeaderKind.Invalid, ProxyHeaderReader.Read(rotated).Kind);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(5)]
    public void Read_ChecksumOfAnotherLength_IsRefused(int length)
    {
        var header = ProxyHeaderReader.Read(Block(Source, Destination, Field(0x03, new byte[length])));
        Assert.Equal(ProxyHeaderKind.Invalid, header.Kind);
        Assert.Contains("checksum", header.Fault);
    }

    [Fact]
    public void Read_TwoChecksums_AreRefused()
    {
        var header = WithChecksum(WithChecksum(Block(Source, Destination)));
        Assert.Equal(ProxyHeaderKind.Invalid, ProxyHeaderReader.Read(header).Kind);
    }

    /// <summary>A family without a transport does not say where fields would begin, so none are looked for.</summary>
    [Theory]
    [InlineData(0x10)]
    [InlineData(0x20)]
    [InlineData(0x30)]
    public void Read_FamilyWithoutTransport_ContentIsNotLookedAt(byte family)
    {
        var content = Field(0x03, 1, 2, 3, 4);
        Assert.Equal(ProxyHeader.OwnAddresses(16 + content.Length), ProxyHeaderReader.Read(Block(Proxy, family, content)));
    }

    /// <summary>What is at the place of the signature's NUL tells it from an HTTP request behind empty lines.</summary>
    [Fact]
    public void Read_EmptyLinesAndARequest_AreRefused() =>
        Assert.Equal(ProxyHeaderKind.Invalid, ProxyHeaderReader.Read(Encoding.ASCII.GetBytes("\r\n\r\nGET / HTTP/1.1\r\n")).Kind);
}
