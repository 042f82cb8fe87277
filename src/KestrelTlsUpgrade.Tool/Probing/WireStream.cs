using System.Net.Sockets;

namespace KestrelTlsUpgrade.Tool.Probing;

/// <summary>
/// The connection under TLS. It knows whether anything was sent, and whether the connection ended: SslStream reports a bare end and
/// close_notify alike (RFC 2818 section 2.2.1).
/// </summary>
internal sealed class WireStream(Socket socket) : NetworkStream(socket, ownsSocket: true)
{
    private readonly List<byte> _start = [];

    /// <summary>How much was sent since <see cref="Begin"/>.</summary>
    public long BytesSent { get; private set; }

    /// <summary>Whether what was received since <see cref="Begin"/> is HTTP/1.1 in clear text.</summary>
    public bool BeganWithHttp => _start.Count == Http.Length && Http.SequenceEqual([.. _start]);

    public bool HasEnded { get; private set; }

    private static ReadOnlySpan<byte> Http => "HTTP/1."u8;

    /// <summary>Something else than HTTP in clear text begins.</summary>
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
