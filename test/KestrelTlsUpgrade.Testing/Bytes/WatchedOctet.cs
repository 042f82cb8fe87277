using System.Buffers;

namespace KestrelTlsUpgrade.Testing;

/// <summary>Memory that counts how often it is looked at.</summary>
internal sealed class WatchedOctet(byte octet, Action look) : MemoryManager<byte>
{
    private readonly byte[] _octet = [octet];

    public override Memory<byte> Memory => CreateMemory(1);

    public override Span<byte> GetSpan()
    {
        look();
        return _octet;
    }

    public override MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException();

    public override void Unpin() => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
    }
}
