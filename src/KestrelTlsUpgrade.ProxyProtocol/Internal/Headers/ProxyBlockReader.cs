using System.Buffers.Binary;
using System.Net;

namespace KestrelTlsUpgrade.ProxyProtocol.Internal.Headers;

/// <summary>Version 2, a block of bytes (section 2.2).</summary>
internal static class ProxyBlockReader
{
    private const int FixedLength = 16;
    private const byte VersionAndLocal = 0x20;
    private const byte VersionAndProxy = 0x21;
    private const byte TcpOverIPv4 = 0x11;
    private const byte TcpOverIPv6 = 0x21;
    private const int MaxFamily = 3;
    private const int MaxTransport = 2;

    public static ReadOnlySpan<byte> Signature => [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A];

    /// <summary>The length of the whole header, or 0 if these bytes are too few to know it or are not a header.</summary>
    public static int FindLength(ReadOnlySpan<byte> start) =>
        start.Length >= FixedLength && start.StartsWith(Signature) ? FixedLength + BinaryPrimitives.ReadUInt16BigEndian(start[14..]) : 0;

    /// <summary>Reads a block that begins with the <see cref="Signature"/>, or with some of it.</summary>
    public static ProxyHeader Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > Signature.Length && bytes[12] is not (VersionAndLocal or VersionAndProxy))
        {
            return ProxyHeader.Invalid("its version is not 2 or its command neither LOCAL nor PROXY");
        }

        var isLocal = bytes.Length > Signature.Length && bytes[12] == VersionAndLocal;

        // The specification says to ignore the family of a LOCAL header.
        if (!isLocal && bytes.Length > 13 && GetAddressLength(bytes[13]) is null)
        {
            return ProxyHeader.Invalid("its address family or its transport is not known");
        }

        if (bytes.Length < FixedLength)
        {
            return ProxyHeader.Incomplete;
        }

        var length = FindLength(bytes);
        var addressLength = GetAddressLength(bytes[13]) ?? 0;
        if (!isLocal && length < FixedLength + addressLength)
        {
            return ProxyHeader.Invalid("its length has no room for its addresses");
        }

        return bytes.Length < length ? ProxyHeader.Incomplete : ReadWhole(bytes[..length], isLocal, addressLength);
    }

    private static ProxyHeader ReadWhole(ReadOnlySpan<byte> header, bool isLocal, int addressLength)
    {
        var family = header[13];
        var fault = HasKnownLayout(family) && FixedLength + addressLength <= header.Length
            ? ProxyExtensions.Read(header, FixedLength + addressLength)
            : null;

        // Where the addresses are unused (LOCAL, UNSPEC), malformed TLVs are ignored. A wrong checksum never is.
        if (fault is ProxyExtensions.WrongChecksum || (fault is not null && !isLocal && addressLength > 0))
        {
            return ProxyHeader.Invalid(fault);
        }

        return (isLocal, family) switch
        {
            (false, TcpOverIPv4) => ReadAddresses(header, size: 4),
            (false, TcpOverIPv6) => ReadAddresses(header, size: 16),

            // UDP and Unix sockets are specified, but are not addresses of a TCP connection. Section 2.2 treats them as UNSPEC.
            _ => ProxyHeader.OwnAddresses(header.Length),
        };
    }

    private static ProxyHeader ReadAddresses(ReadOnlySpan<byte> header, int size)
    {
        var addresses = header[FixedLength..];
        var ports = addresses[(2 * size)..];
        return ProxyHeader.Proxied(
            header.Length,
            new(new IPAddress(addresses[..size]), BinaryPrimitives.ReadUInt16BigEndian(ports)),
            new(new IPAddress(addresses.Slice(size, size)), BinaryPrimitives.ReadUInt16BigEndian(ports[2..])));
    }

    /// <summary>The length of the addresses with their ports, or <see langword="null"/> for an unspecified family or transport.</summary>
    private static int? GetAddressLength(byte familyAndTransport) => (familyAndTransport >> 4, familyAndTransport & 0xF) switch
    {
        (_, > MaxTransport) => null,
        (0, _) => 0,
        ( <= MaxFamily, 0) => 0,
        (1, _) => 12,
        (2, _) => 36,
        (MaxFamily, _) => 216,
        _ => null,
    };

    /// <summary>Whether the specification says where the addresses end. It does not for a family without a transport, or an unknown one.</summary>
    private static bool HasKnownLayout(byte familyAndTransport) =>
        GetAddressLength(familyAndTransport) > 0 || (familyAndTransport >> 4) == 0;
}
