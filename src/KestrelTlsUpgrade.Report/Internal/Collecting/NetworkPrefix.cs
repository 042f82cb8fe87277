using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace KestrelTlsUpgrade.Report.Internal.Collecting;

/// <summary>The network of a caller: the first 24 bits of an IPv4 address, the first 48 of an IPv6 address. The rest is not kept.</summary>
internal readonly record struct NetworkPrefix
{
    private const int IPv4Bits = 24;
    private const int IPv6Bits = 48;

    private readonly ulong _bits;
    private readonly Form _form;

    private NetworkPrefix(Form form, ulong bits) => (_form, _bits) = (form, bits);

    private enum Form : byte
    {
        /// <summary>Not an IP address: a Unix socket, or memory.</summary>
        None,
        IPv4,
        IPv6,

        /// <summary>::1, which has no network around it.</summary>
        Loopback,
    }

    /// <summary>The network of an address. A mapped IPv4 address counts as IPv4.</summary>
    public static NetworkPrefix Of(IPAddress? address)
    {
        Span<byte> bytes = stackalloc byte[16];
        if (address is null || !address.TryWriteBytes(bytes, out _))
        {
            return default;
        }

        if (address.AddressFamily is AddressFamily.InterNetwork)
        {
            return FromIPv4(bytes);
        }

        if (address.IsIPv4MappedToIPv6)
        {
            return FromIPv4(bytes[12..]);
        }

        return bytes[..15].ContainsAnyExcept((byte)0) || bytes[15] != 1
            ? new(Form.IPv6, BinaryPrimitives.ReadUInt64BigEndian(bytes) >> (64 - IPv6Bits))
            : new(Form.Loopback, 0);
    }

    /// <summary>Reads what <see cref="ToString"/> has written.</summary>
    public static bool TryParse(string text, out NetworkPrefix network)
    {
        network = text is "::1" ? Of(IPAddress.IPv6Loopback) : IPNetwork.TryParse(text, out var read) ? Of(read.BaseAddress) : default;
        return network.ToString() == text;
    }

    public override string ToString() => _form switch
    {
        Form.IPv4 => string.Create(CultureInfo.InvariantCulture, $"{new IPAddress(ToBytes(32 - IPv4Bits, 4))}/{IPv4Bits}"),
        Form.IPv6 => string.Create(CultureInfo.InvariantCulture, $"{new IPAddress(ToBytes(64 - IPv6Bits, 16))}/{IPv6Bits}"),
        Form.Loopback => "::1",
        _ => "local",
    };

    private static NetworkPrefix FromIPv4(ReadOnlySpan<byte> bytes) =>
        new(Form.IPv4, BinaryPrimitives.ReadUInt32BigEndian(bytes) >> (32 - IPv4Bits));

    private byte[] ToBytes(int shift, int length)
    {
        var bytes = new byte[16];
        if (length == 4)
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)(_bits << shift));
        }
        else
        {
            BinaryPrimitives.WriteUInt64BigEndian(bytes, _bits << shift);
        }

        return bytes[..length];
    }
}
