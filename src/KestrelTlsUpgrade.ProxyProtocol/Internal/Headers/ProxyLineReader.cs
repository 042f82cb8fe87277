using System.Buffers;
using System.Net;
using System.Net.Sockets;

namespace KestrelTlsUpgrade.ProxyProtocol.Internal.Headers;

/// <summary>
/// Version 1, a line of text (section 2.1). It accepts one spelling of each address and port only, because another
/// reader might read a different address from any other spelling.
/// </summary>
internal static class ProxyLineReader
{
    /// <summary>The longest line, with its end.</summary>
    public const int MaxLength = 107;

    private static readonly SearchValues<byte> IPv6Bytes = SearchValues.Create("0123456789abcdefABCDEF:."u8);

    public static ReadOnlySpan<byte> Signature => "PROXY "u8;

    /// <summary>Reads a line that begins with the <see cref="Signature"/>, or with some of it.</summary>
    public static ProxyHeader Read(ReadOnlySpan<byte> bytes)
    {
        var line = bytes[..Math.Min(bytes.Length, MaxLength)];
        var end = line.IndexOfAny((byte)'\r', (byte)'\n');
        if (end < 0 || (line[end] == '\r' && end + 1 == line.Length))
        {
            return line.Length < MaxLength ? ProxyHeader.Incomplete : ProxyHeader.Invalid("its line does not end within 107 bytes");
        }

        if (line[end] != '\r' || line[end + 1] != '\n')
        {
            return ProxyHeader.Invalid("its line does not end with CR LF");
        }

        return ReadParts(line[Signature.Length..end], length: end + 2);
    }

    private static ProxyHeader ReadParts(ReadOnlySpan<byte> line, int length)
    {
        var rest = line;
        var protocol = TakePart(ref rest);
        if (protocol.SequenceEqual("UNKNOWN"u8))
        {
            // The rest of the line is ignored.
            return ProxyHeader.OwnAddresses(length);
        }

        if (!protocol.SequenceEqual("TCP4"u8) && !protocol.SequenceEqual("TCP6"u8))
        {
            return ProxyHeader.Invalid("its protocol is none of TCP4, TCP6 and UNKNOWN");
        }

        var isIPv6 = protocol[^1] == '6';
        if (!TryReadAddress(TakePart(ref rest), isIPv6, out var source)
            || !TryReadAddress(TakePart(ref rest), isIPv6, out var destination))
        {
            return ProxyHeader.Invalid("an address is not one of its protocol");
        }

        // The last part is the whole rest of the line, so anything behind the port makes it invalid.
        return TryReadNumber(TakePart(ref rest), IPEndPoint.MaxPort, out var sourcePort)
            && TryReadNumber(rest, IPEndPoint.MaxPort, out var destinationPort)
                ? ProxyHeader.Proxied(length, new(source, sourcePort), new(destination, destinationPort))
                : ProxyHeader.Invalid("a port is not one");
    }

    /// <summary>Takes the part before the next space, and that space.</summary>
    private static ReadOnlySpan<byte> TakePart(ref ReadOnlySpan<byte> rest)
    {
        var end = rest.IndexOf((byte)' ');
        var part = end < 0 ? rest : rest[..end];
        rest = end < 0 ? [] : rest[(end + 1)..];
        return part;
    }

    private static bool TryReadAddress(ReadOnlySpan<byte> part, bool isIPv6, out IPAddress address)
    {
        if (!isIPv6)
        {
            return TryReadIPv4(part, out address);
        }

        // .NET also accepts zones, brackets, prefixes and ports, and leading zeros in an embedded IPv4 address.
        address = IPAddress.IPv6None;
        return !part.ContainsAnyExcept(IPv6Bytes)
            && (!part.Contains((byte)'.') || TryReadIPv4(part[(part.LastIndexOf((byte)':') + 1)..], out _))
            && IPAddress.TryParse(part, out address!)
            && address.AddressFamily is AddressFamily.InterNetworkV6;
    }

    /// <summary>Stricter than .NET, which also accepts octal and hexadecimal numbers, and fewer than four of them.</summary>
    private static bool TryReadIPv4(ReadOnlySpan<byte> part, out IPAddress address)
    {
        address = IPAddress.None;
        Span<byte> numbers = stackalloc byte[4];
        for (var i = 0; i < numbers.Length; i++)
        {
            var end = i < numbers.Length - 1 ? part.IndexOf((byte)'.') : part.Length;
            if (end < 0 || !TryReadNumber(part[..end], byte.MaxValue, out var number))
            {
                return false;
            }

            numbers[i] = (byte)number;
            part = part[Math.Min(end + 1, part.Length)..];
        }

        address = new IPAddress(numbers);
        return true;
    }

    /// <summary>Reads decimal digits without leading zeros.</summary>
    private static bool TryReadNumber(ReadOnlySpan<byte> digits, int max, out int number)
    {
        number = 0;
        if (digits.Length is 0 or > 5 || (digits[0] == '0' && digits.Length > 1))
        {
            return false;
        }

        foreach (var digit in digits)
        {
            if (!char.IsAsciiDigit((char)digit))
            {
                return false;
            }

            number = (number * 10) + (digit - '0');
        }

        return number <= max;
    }
}
