using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace KestrelTlsUpgrade.Connections;

/// <summary>
/// A caller as limits count it: an IPv4 address, or the first 64 bits of an IPv6 address, since a caller chooses the rest freely (RFC 6177
/// section 2). Callers without an address count as one.
/// </summary>
internal readonly record struct CallerKey
{
    private readonly ulong _bits;
    private readonly Form _form;

    private CallerKey(Form form, ulong bits) => (_form, _bits) = (form, bits);

    private enum Form : byte
    {
        /// <summary>Not an IP connection: a Unix socket, a named pipe, or memory.</summary>
        NoAddress,
        IPv4,
        IPv6,

        /// <summary>A caller for which there is no room.</summary>
        Other,
    }

    /// <summary>All callers for which there is no room.</summary>
    public static CallerKey Other { get; } = new(Form.Other, 0);

    /// <summary>Whether it is an address.</summary>
    public bool IsAddress => _form is Form.IPv4 or Form.IPv6;

    public bool IsOther => _form is Form.Other;

    public static CallerKey Of(EndPoint? endPoint)
    {
        Span<byte> bytes = stackalloc byte[16];
        return endPoint is not IPEndPoint { Address: var address } || !address.TryWriteBytes(bytes, out _)
            ? new(Form.NoAddress, 0)
            : address.AddressFamily is AddressFamily.InterNetwork ? new(Form.IPv4, BinaryPrimitives.ReadUInt32BigEndian(bytes))
            : address.IsIPv4MappedToIPv6 ? new(Form.IPv4, BinaryPrimitives.ReadUInt32BigEndian(bytes[12..]))
            : new(Form.IPv6, BinaryPrimitives.ReadUInt64BigEndian(bytes));
    }

    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[16];
        switch (_form)
        {
            case Form.IPv4:
                BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)_bits);
                return new IPAddress(bytes[..4]).ToString();

            case Form.IPv6:
                bytes.Clear();
                BinaryPrimitives.WriteUInt64BigEndian(bytes, _bits);
                return string.Create(CultureInfo.InvariantCulture, $"{new IPAddress(bytes)}/64");

            case Form.Other:
                return "other addresses";

            default:
                return "callers without an address";
        }
    }
}
