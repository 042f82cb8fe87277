namespace KestrelTlsUpgrade.Testing;

/// <summary>Puts a handshake message into records.</summary>
internal static class HelloRecords
{
    public const byte Alert = 0x15;
    public const byte ApplicationData = 0x17;
    public const byte ChangeCipherSpec = 0x14;
    public const byte Handshake = 0x16;

    public static byte[] Record(ReadOnlySpan<byte> content, byte type = Handshake) =>
        [type, 3, 1, (byte)(content.Length >> 8), (byte)content.Length, .. content];

    /// <summary>The message in records with so many octets each.</summary>
    public static byte[] OfSize(byte[] message, int size) => [.. message.Chunk(size).SelectMany(static piece => Record(piece))];

    /// <summary>The message in two records.</summary>
    public static byte[] CutAt(byte[] message, int position) => [.. Record(message.AsSpan(0, position)), .. Record(message.AsSpan(position))];
}
