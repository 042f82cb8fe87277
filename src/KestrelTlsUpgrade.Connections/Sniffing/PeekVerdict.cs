namespace KestrelTlsUpgrade.Connections.Sniffing;

/// <summary>What a classifier says of the bytes that have arrived.</summary>
/// <param name="IsDecided">False to wait for more.</param>
/// <param name="Value">What the bytes are.</param>
/// <param name="Taken">How many bytes are consumed. The rest is for the next reader.</param>
internal readonly record struct PeekVerdict<T>(bool IsDecided, T Value, long Taken)
{
    public static PeekVerdict<T> Undecided(T value) => new(false, value, 0);

    public static PeekVerdict<T> Leave(T value) => new(true, value, 0);

    public static PeekVerdict<T> Take(long count, T value) => new(true, value, count);
}
