using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace KestrelTlsUpgrade.Testing;

/// <summary>Headers of the PROXY protocol, as the specification words them.</summary>
internal static class ProxyHeaders
{
    public const byte Local = 0x20;
    public const byte Proxy = 0x21;

    private static readonly byte[] Signature = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A];

    /// <summary>Version 1.</summary>
    public static byte[] Line(IPEndPoint source, IPEndPoint destination)
    {
        var protocol = source.AddressFamily is AddressFamily.InterNetwork ? "TCP4" : "TCP6";
        return Encoding.ASCII.GetBytes($"PROXY {protocol} {source.Address} {destination.Address} {source.Port} {destination.Port}\r\n");
    }

    /// <summary>Version 2, with fields behind the addresses.</summary>
    public static byte[] Block(IPEndPoint source, IPEndPoint destination, params byte[][] fields)
    {
        byte family = source.AddressFamily is AddressFamily.InterNetwork ? (byte)0x11 : (byte)0x21;
        byte[] addresses =
        [
            .. source.Address.GetAddressBytes(), .. destination.Address.GetAddressBytes(),
            .. ToBytes(source.Port), .. ToBytes(destination.Port),
        ];
        return Block(Proxy, family, [.. addresses, .. fields.SelectMany(static field => field)]);
    }

    /// <summary>Version 2, with any content.</summary>
    public static byte[] Block(byte versionAndCommand, byte family, byte[] content) =>
        [.. Signature, versionAndCommand, family, .. ToBytes(content.Length), .. content];

    public static byte[] Field(byte type, params byte[] value) => [type, .. ToBytes(value.Length), .. value];

    /// <summary>Adds a field with the checksum of the whole header.</summary>
    public static byte[] WithChecksum(byte[] header)
    {
        byte[] all = [.. header, .. Field(0x03, 0, 0, 0, 0)];
        BinaryPrimitives.WriteUInt16BigEndian(all.AsSpan(14), (ushort)(all.Length - 16));
        BinaryPrimitives.WriteUInt32BigEndian(all.AsSpan(all.Length - 4), GetCrc32C(all));
        return all;
    }

    /// <summary>Bit by bit, by the polynomial of RFC 9260 appendix A.</summary>
    public static uint GetCrc32C(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0x82F63B78 : crc >> 1;
            }
        }

        return ~crc;
    }

    private static byte[] ToBytes(int value) => [(byte)(value >> 8), (byte)value];
}
