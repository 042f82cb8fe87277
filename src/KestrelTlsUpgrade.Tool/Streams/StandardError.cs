using KestrelTlsUpgrade.Client.Internal.Switching;

namespace KestrelTlsUpgrade.Tool.Streams;

/// <summary>Standard error. Where it cannot be written, the program goes on: the exit code still says how it ended.</summary>
internal sealed class StandardError(Stream console) : WrappedStream(console)
{
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            Inner.Write(buffer);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // There is no place left to report it.
        }
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Write(buffer.Span);
        return default;
    }
}
