using System.Buffers;

namespace KestrelTlsUpgrade.Tests.Support;

/// <summary>Memory in pieces of one size, whatever is asked for.</summary>
internal sealed class SmallBuffers(int size) : MemoryPool<byte>
{
    public override int MaxBufferSize => size;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1) => new Owner(size);

    protected override void Dispose(bool disposing)
    {
    }

    private sealed class Owner(int size) : IMemoryOwner<byte>
    {
        public Memory<byte> Memory { get; } = new byte[size];

        public void Dispose()
        {
        }
    }
}
