using System.Text;

namespace KestrelTlsUpgrade.Tests.Support;

/// <summary>Builds ClientHello messages and records field by field.</summary>
internal static class HelloBytes
{
    /// <summary>A whole message.</summary>
    public static byte[] Message(
        byte minorVersion = 3, byte[]? suites = null, params byte[][] extensions)
    {
        byte[] content = [.. extensions.SelectMany(static extension => extension)];
        byte[] body =
        [
            0x03, minorVersion,
            .. Enumerable.Repeat((byte)0xAA, 32),
            0x01, 0xBB,
            .. Vector(2, suites ?? [0x13, 0x01]),
            0x01, 0x00,
            .. extensions.Length == 0 ? [] : Vector(2, content),
        ];
        return [0x01, (byte)(body.Length >> 16), (byte)(body.Length >> 8), (byte)body.Length, .. body];
    }

    public static byte[] WithNameAndProtocols(string? name, params string[] protocols)
    {
        var extensions = new List<byte[]>();
        if (name is not null)
        {
            extensions.Add(ServerName(name));
        }

        if (protocols.Length > 0)
        {
            extensions.Add(Protocols(protocols));
        }

        return Message(extensions: [.. extensions]);
    }

    public static byte[] Extension(ushort type, params byte[] content) => [(byte)(type >> 8), (byte)type, .. Vector(2, content)];

    public static byte[] ServerName(string name) => Extension(0, Vector(2, [0, .. Vector(2, Encoding.Latin1.GetBytes(name))]));

    public static byte[] Protocols(params string[] ids) =>
        Extension(16, Vector(2, [.. ids.SelectMany(static id => Vector(1, Encoding.Latin1.GetBytes(id)))]));

    public static byte[] Vector(int lengthSize, byte[] content) =>
        lengthSize == 1 ? [(byte)content.Length, .. content] : [(byte)(content.Length >> 8), (byte)content.Length, .. content];

    /// <summary>Octets as handshake records of a size, the last one shorter where they do not divide.</summary>
    public static byte[] Records(byte[] message, int size) =>
        [.. message.Chunk(size).SelectMany(static piece => Record(0x16, piece))];

    public static byte[] Record(byte type, byte[] content) => [type, 0x03, 0x01, .. Vector(2, content)];
}
