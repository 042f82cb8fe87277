namespace KestrelTlsUpgrade.Faults.Tests.Accounts;

/// <summary>How many leases of memory there were, and how many there are.</summary>
internal sealed class LeaseCount
{
    private long _all;
    private long _outstanding;

    public long All => Interlocked.Read(ref _all);

    public long Outstanding => Interlocked.Read(ref _outstanding);

    public void Add()
    {
        Interlocked.Increment(ref _all);
        Interlocked.Increment(ref _outstanding);
    }

    public void Remove() => Interlocked.Decrement(ref _outstanding);
}
