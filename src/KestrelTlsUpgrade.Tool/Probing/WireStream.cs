using System.Net.Sockets;

namespace KestrelTlsUpgrade.Tool.Probing;

/// <summary>
/// The connection under TLS. Tracks whether anything was sent and whether the connection ended, because SslStream reports a bare end and
/// close_notify alike (RFC 2818 section 2.2.1).
/// </summary>
internal sealed class WireStream(Socket socket) : NetworkStream(socket, ownsSocket: true)
{
    private readonly List<byte> _start = [];

    /// <summary>Number of bytes sent since <see cref="Begin"/>.</summary>
    public long BytesSent { get; private set; }

    /// <summary>Whether the bytes received since <see cref="Begin"/> are plaintext HTTP/1.1.</summary>
    public bool BeganWithHttp => _start.Count == Http.Length && Http.SequenceEqual([.. _start]);

    public bool HasEnded { get; private set; }

    private static ReadOnlySpan<byte> Http => "HTTP/1."u8;

    /// <summary>Starts the part of the connection that should be TLS.</summary>
    public void Begin()
    {
        BytesSent = 0;
        _start.Clear();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            var count = await base.ReadAsync(buffer, cancellationToken);
            HasEnded |= count == 0 && buffer.Length > 0;
            _start.AddRange(buffer.Span[..Math.Min(count, Http.Length - _start.Count)]);
            return count;
        }
        catch (IOException)
        {
            HasEnded = true;
            throw;
        }
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        BytesSent += buffer.Length;
        return base.WriteAsync(buffer, cancellationToken);
    }
}
