using System.Buffers;

namespace KestrelTlsUpgrade.Faults.Tests.Accounts;

/// <summary>Kestrel's own pool, and how much of it has not been given back.</summary>
internal sealed class CountingMemoryPool(MemoryPool<byte> inner, LeaseCount count) : MemoryPool<byte>
{
    public override int MaxBufferSize => inner.MaxBufferSize;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        count.Add();
        return new Lease(inner.Rent(minBufferSize), count);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }
    }

    private sealed class Lease(IMemoryOwner<byte> inner, LeaseCount count) : IMemoryOwner<byte>
    {
        private int _isReturned;

        public Memory<byte> Memory => inner.Memory;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isReturned, 1) == 0)
            {
                count.Remove();
                inner.Dispose();
            }
        }
    }
}
