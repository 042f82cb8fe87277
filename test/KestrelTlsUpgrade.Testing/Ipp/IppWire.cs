using System.Buffers.Binary;
using System.Text;

namespace KestrelTlsUpgrade.Testing;

/// <summary>Messages of IPP octet by octet, right and wrong ones, as RFC 8010 section 3.1 draws them.</summary>
internal static class IppWire
{
    public static readonly byte[] OperationGroup = [0x01];
    public static readonly byte[] JobGroup = [0x02];
    public static readonly byte[] EndOfAttributes = [0x03];
    public static readonly byte[] PrinterGroup = [0x04];
    public static readonly byte[] UnsupportedGroup = [0x05];
    public static readonly byte[] EndCollection = More(0x37);

    /// <summary>A request with these fields in the group of the operation.</summary>
    public static byte[] Request(params IEnumerable<byte[]> fields) => Message([OperationGroup, .. fields, EndOfAttributes]);

    /// <summary>A header and what follows it.</summary>
    public static byte[] Message(params IEnumerable<byte[]> parts) => [.. Header(0x0101, 0x000B, 1), .. parts.SelectMany(static part => part)];

    public static byte[] Header(int version, int code, int requestId) => [.. Int16(version), .. Int16(code), .. Int32(requestId)];

    /// <summary>An attribute with one value.</summary>
    public static byte[] Field(int tag, string name, params byte[] value) => Field(tag, Ascii(name), value);

    public static byte[] Field(int tag, byte[] name, params byte[] value) =>
        [(byte)tag, .. Int16(name.Length), .. name, .. Int16(value.Length), .. value];

    public static byte[] Field(int tag, string name, string value) => Field(tag, name, Ascii(value));

    /// <summary>An additional value.</summary>
    public static byte[] More(int tag, params byte[] value) => Field(tag, "", value);

    public static byte[] More(int tag, string value) => Field(tag, "", value);

    public static byte[] BeginCollection(string name) => Field(0x34, name);

    public static byte[] Member(string name) => More(0x4A, name);

    /// <summary>A text or a name with its language.</summary>
    public static byte[] Localized(string language, string text) =>
        [.. Int16(language.Length), .. Ascii(language), .. Int16(text.Length), .. Ascii(text)];

    public static byte[] Int16(int value)
    {
        var octets = new byte[sizeof(short)];
        BinaryPrimitives.WriteInt16BigEndian(octets, (short)value);
        return octets;
    }

    public static byte[] Int32(int value)
    {
        var octets = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(octets, value);
        return octets;
    }

    public static byte[] Ascii(string text) => Encoding.ASCII.GetBytes(text);
}
