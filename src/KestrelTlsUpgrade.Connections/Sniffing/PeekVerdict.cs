namespace KestrelTlsUpgrade.Connections.Sniffing;

/// <summary>A classifier's verdict on the bytes received so far.</summary>
/// <param name="IsDecided">False to wait for more bytes.</param>
/// <param name="Value">The classification.</param>
/// <param name="Taken">The number of bytes to consume. The next reader gets the rest.</param>
internal readonly record struct PeekVerdict<T>(bool IsDecided, T Value, long Taken)
{
    public static PeekVerdict<T> Undecided(T value) => new(false, value, 0);

    public static PeekVerdict<T> Leave(T value) => new(true, value, 0);

    public static PeekVerdict<T> Take(long count, T value) => new(true, value, count);
}
