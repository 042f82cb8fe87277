using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using KestrelTlsUpgrade.Fuzzing.Input;
using KestrelTlsUpgrade.ProxyProtocol.Internal;
using KestrelTlsUpgrade.ProxyProtocol.Internal.Headers;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.Fuzzing.Targets;

/// <summary>
/// The header of the PROXY protocol: the same verdict however it comes, nothing taken but the header, and no address that is not
/// written there in the one way that there is.
/// </summary>
internal static class ProxyHeaderTarget
{
    private const int BlockStart = 16;

    public static void Run(FuzzInput input)
    {
        var header = ProxyHeaderReader.Read(input.Wire);
        Oracle.Same(header, ProxyHeaderReader.Read(input.CutWire()), "Bytes mean the same however they are cut up.");
        CheckShape(header, input.Wire.Length);

        var early = ProxyHeaderReader.Read(input.Wire.AsSpan(0, input.Choose(input.Wire.Length + 1)));
        Oracle.Holds(
            early.Kind is ProxyHeaderKind.Incomplete || (early with { Fault = null }) == (header with { Fault = null }),
            "More bytes do not change a verdict.");
        CheckArrival(input, header);
        if (header.Length > 0)
        {
            var bytes = input.Wire.AsSpan(0, header.Length);
            Oracle.Same(header, ProxyHeaderReader.Read(bytes), "What follows a header does not matter.");
            Oracle.Same(ProxyHeaderKind.Incomplete, ProxyHeaderReader.Read(bytes[..^1]).Kind, "A header ends with its last byte.");
            (bytes[0] == 'P' ? (Action<ProxyHeader, byte[]>)CheckLine : CheckBlock)(header, bytes.ToArray());
        }
    }

    private static void CheckShape(ProxyHeader header, int available)
    {
        var isProxied = header.Kind is ProxyHeaderKind.Proxied;
        Oracle.Same(isProxied || header.Kind is ProxyHeaderKind.OwnAddresses, header.Length > 0, "What is taken is a header.");
        Oracle.Same(header.Kind is ProxyHeaderKind.Invalid, header.Fault is not null, "What is refused has a reason.");
        Oracle.Same(isProxied, header.Source is not null, "A client has an address.");
        Oracle.Same(isProxied, header.Destination is not null, "A client has connected to an address.");
        Oracle.Same(header.Source?.AddressFamily, header.Destination?.AddressFamily, "A connection is of one family.");
        Oracle.Holds(header.Length <= available, "A header is there before it is taken.");
    }

    private static void CheckArrival(FuzzInput input, ProxyHeader header)
    {
        var pieces = input.Cut(input.Wire);
        var reader = new SegmentedPipeReader(pieces, input.Flip());
        var arrival = new ProxyHeaderArrival(TimeSpan.MaxValue, TimeProvider.System);
        var arrived = Oracle.AtOnce(arrival.ReceiveAsync(SegmentedConnection.Create(reader)));
        var expected = header.Kind is ProxyHeaderKind.Incomplete && input.Wire.Length > 0 ? ProxyHeaderKind.Invalid : header.Kind;
        Oracle.Same(expected, arrived.Kind, "A header that does not end is none.");
        Oracle.Same(header.Length, reader.Consumed, "Nothing is taken but the header.");
        Oracle.Same((header.Source, header.Destination), (arrived.Source, arrived.Destination), "Addresses are the same however they came.");
    }

    private static void CheckLine(ProxyHeader header, byte[] bytes)
    {
        var text = Encoding.Latin1.GetString(bytes);
        Oracle.Holds(text.Length <= 107 && text.IndexOfAny(['\r', '\n']) == text.Length - 2, "A line ends once, in time.");
        var parts = text[..^2].Split(' ');
        Oracle.Same("PROXY", parts[0], "A line begins with its name.");
        if (header.Source is null)
        {
            Oracle.Same("UNKNOWN", parts[1], "Only what is unknown has no address.");
            return;
        }

        var isIPv6 = header.Source.AddressFamily is AddressFamily.InterNetworkV6;
        Oracle.Same(isIPv6 ? "TCP6" : "TCP4", parts[1], "The family is the one that it says.");
        Oracle.Same(6, parts.Length, "A line has six parts.");
        CheckEndPoint(header.Source, parts[2], parts[4]);
        CheckEndPoint(header.Destination!, parts[3], parts[5]);
    }

    private static void CheckEndPoint(IPEndPoint endPoint, string address, string port)
    {
        Oracle.Same(endPoint.Port.ToString(CultureInfo.InvariantCulture), port, "There is one way to write a port.");
        if (endPoint.AddressFamily is AddressFamily.InterNetwork)
        {
            Oracle.Same(endPoint.Address.ToString(), address, "There is one way to write an IPv4 address.");
            return;
        }

        Oracle.Same(IPAddress.Parse(address), endPoint.Address, "The address is the one that is written.");
        Oracle.Holds(endPoint.Address.ScopeId == 0 && address.All(static c => char.IsAsciiHexDigit(c) || c is ':' or '.'), "There is no zone.");
        var tail = address[(address.LastIndexOf(':') + 1)..];
        Oracle.Holds(!tail.Contains('.') || IPAddress.Parse(tail).ToString() == tail, "There is one way to write an IPv4 address.");
    }

    private static void CheckBlock(ProxyHeader header, byte[] bytes)
    {
        Oracle.Same(BlockStart + BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(14)), bytes.Length, "A block is as long as it says.");
        Oracle.Holds(bytes[12] is ProxyHeaders.Local or ProxyHeaders.Proxy, "A command is one of two.");
        var isTcp = bytes[12] == ProxyHeaders.Proxy && bytes[13] is (0x11 or 0x21);
        Oracle.Same(isTcp, header.Source is not null, "TCP has addresses, and nothing else does.");
        if (header.Source is not { } source)
        {
            return;
        }

        var again = ProxyHeaders.Block(source, header.Destination!);
        Oracle.Holds(again.AsSpan(BlockStart).SequenceEqual(bytes.AsSpan(BlockStart, again.Length - BlockStart)), "Written anew they are the same.");
        CheckFields(bytes, again.Length);
    }

    private static void CheckFields(byte[] bytes, int start)
    {
        var checksums = new List<int>();
        while (start < bytes.Length)
        {
            Oracle.Holds(start + 3 <= bytes.Length, "A field has a head.");
            if (bytes[start] == 0x03)
            {
                checksums.Add(start + 3);
            }

            start += 3 + BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(start + 1));
        }

        Oracle.Same(bytes.Length, start, "The last field ends with the header.");
        Oracle.Holds(checksums.Count < 2, "There is one checksum at most.");
        foreach (var checksum in checksums)
        {
            var sum = BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(checksum));
            bytes.AsSpan(checksum, 4).Clear();
            Oracle.Same(ProxyHeaders.GetCrc32C(bytes), sum, "A checksum is right.");
        }
    }
}
