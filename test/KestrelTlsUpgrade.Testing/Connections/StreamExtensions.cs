namespace KestrelTlsUpgrade.Testing;

internal static class StreamExtensions
{
    /// <summary>Reads to the end of a connection. A reset is an end too, but not a clean one.</summary>
    public static async Task<(byte[] Bytes, bool IsClean)> ReadToEndAsync(this Stream stream, CancellationToken cancellationToken)
    {
        using var all = new MemoryStream();
        var buffer = new byte[16 * 1024];
        try
        {
            int count;
            while ((count = await stream.ReadAsync(buffer, cancellationToken)) > 0)
            {
                all.Write(buffer, 0, count);
            }

            return (all.ToArray(), true);
        }
        catch (IOException)
        {
            return (all.ToArray(), false);
        }
    }
}
