namespace KestrelTlsUpgrade.Soak;

/// <summary>Random bytes that are the same in every process, so that contents are neither made nor stored.</summary>
internal static class SoakContent
{
    private const int BlockSize = 32 * 1024;

    // A prime: no block of a content is where another one is.
    private static readonly byte[] Bytes = Create(1_000_003);

    /// <summary>A content that begins where its seed says.</summary>
    public static IEnumerable<ReadOnlyMemory<byte>> Read(ulong seed, int length)
    {
        var start = (int)(seed % (ulong)Bytes.Length);
        while (length > 0)
        {
            var count = Math.Min(Math.Min(length, BlockSize), Bytes.Length - start);
            yield return Bytes.AsMemory(start, count);
            length -= count;
            start = (start + count) % Bytes.Length;
        }
    }

    private static byte[] Create(int length)
    {
        var bytes = new byte[length];
        new Random(2817).NextBytes(bytes);
        return bytes;
    }
}
