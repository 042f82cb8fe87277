using System.Buffers;
using System.Text;

namespace KestrelTlsUpgrade.Internal.Negotiation;

/// <summary>
/// Writes the head of the request to be answered over TLS: the original without its hop-by-hop upgrade fields (RFC 9110 section 7.6.1).
/// Never longer than the original, so it stays within Kestrel's limits.
/// </summary>
internal readonly struct ReplayHead
{
    private readonly ArrayBufferWriter<byte> _head;

    public ReplayHead(ReadOnlySpan<char> method, ReadOnlySpan<char> target)
    {
        _head = new ArrayBufferWriter<byte>(512);
        Write(method, Encoding.ASCII);
        _head.Write(" "u8);
        Write(target, Encoding.ASCII);
        _head.Write(" HTTP/1.1\r\n"u8);
    }

    /// <param name="methodAndTarget">The start of the request line.</param>
    /// <param name="length">The length of the original head.</param>
    public ReplayHead(ReadOnlySpan<byte> methodAndTarget, int length)
    {
        _head = new ArrayBufferWriter<byte>(length);
        _head.Write(methodAndTarget);
        _head.Write(" HTTP/1.1\r\n"u8);
    }

    /// <summary>Writes a field, unless it belongs to the upgrade. Of Connection, writes the options that outlive the switch.</summary>
    public void AddField(ReadOnlySpan<char> name, ReadOnlySpan<char> value, Encoding encoding)
    {
        if (name.Equals("Upgrade", StringComparison.OrdinalIgnoreCase))
        {
            return;
        }

        if (name.Equals("Connection", StringComparison.OrdinalIgnoreCase))
        {
            value = ConnectionOptions.GetPersistence(value);
            if (value.IsEmpty)
            {
                return;
            }
        }

        Write(name, Encoding.ASCII);
        _head.Write(":"u8);
        Write(value, encoding);
        _head.Write("\r\n"u8);
    }

    public ReadOnlyMemory<byte> Complete()
    {
        _head.Write("\r\n"u8);
        return _head.WrittenMemory;
    }

    private void Write(ReadOnlySpan<char> text, Encoding encoding) => encoding.GetBytes(text, _head);
}
