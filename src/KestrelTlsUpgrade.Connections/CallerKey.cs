using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.Connections;

/// <summary>
/// A caller as <see cref="CallerLogLimiter"/> counts it: an IPv4 address, or the first 64 bits of an IPv6 address, since a caller
/// chooses the rest freely. Levels are counted separately: lines at Information must not use up those at Warning.
/// </summary>
internal readonly record struct LoggedCaller
{
    private readonly ulong _bits;
    private readonly Form _form;
    private readonly LogLevel _level;

    private LoggedCaller(Form form, ulong bits, LogLevel level) => (_form, _bits, _level) = (form, bits, level);

    private enum Form : byte
    {
        /// <summary>Not an IP connection: a Unix socket, a named pipe, or memory.</summary>
        NoAddress,
        IPv4,
        IPv6,

        /// <summary>A caller for which there is no room.</summary>
        Other,
    }

    public LogLevel Level => _level;

    public bool IsOther => _form is Form.Other;

    public static LoggedCaller Of(EndPoint? endPoint, LogLevel level)
    {
        Span<byte> bytes = stackalloc byte[16];
        return endPoint is not IPEndPoint { Address: var address } || !address.TryWriteBytes(bytes, out _)
            ? new(Form.NoAddress, 0, level)
            : address.AddressFamily is AddressFamily.InterNetwork ? new(Form.IPv4, BinaryPrimitives.ReadUInt32BigEndian(bytes), level)
            : address.IsIPv4MappedToIPv6 ? new(Form.IPv4, BinaryPrimitives.ReadUInt32BigEndian(bytes[12..]), level)
            : new(Form.IPv6, BinaryPrimitives.ReadUInt64BigEndian(bytes), level);
    }

    /// <summary>All callers for which there is no room.</summary>
    public static LoggedCaller Other(LogLevel level) => new(Form.Other, 0, level);

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
