using System.Net.Sockets;

namespace KestrelTlsUpgrade.Benchmarks.Loads;

/// <summary>A connection that keeps what its first read from <see cref="Watch"/> on brings.</summary>
internal sealed class HandshakeStream(Socket socket) : NetworkStream(socket, ownsSocket: true)
{
    private readonly byte[] _first = new byte[256];
    private int _firstLength = -1;

    /// <summary>The first bytes read, as many as a ServerHello of TLS 1.3 has at most.</summary>
    public ReadOnlySpan<byte> First => _first.AsSpan(0, Math.Max(0, _firstLength));

    public void Watch() => _firstLength = 0;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _firstLength == 0 && !buffer.IsEmpty ? ReadFirstAsync(buffer, cancellationToken) : base.ReadAsync(buffer, cancellationToken);

    private async ValueTask<int> ReadFirstAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var count = await base.ReadAsync(buffer, cancellationToken);
        _firstLength = Math.Min(count, _first.Length);
        buffer[.._firstLength].CopyTo(_first);
        return count;
    }
}
