namespace KestrelTlsUpgrade.Report.Internal.Collecting;

/// <summary>The counts of a caller whose requests arrive in clear text. Thread-safe.</summary>
/// <param name="key">Who it is.</param>
/// <param name="missed">How many requests of it may have been missed before it got its place.</param>
internal sealed class Caller(CallerKey key, long missed)
{
    private long _plaintext;
    private long _upgraded;
    private long _failed;
    private long _lastSeen;
    private long _lastPlaintext;
    private volatile bool _offersUpgrade;

    public CallerKey Key => key;

    public long Missed => missed;

    /// <summary>Requests that were answered in clear text.</summary>
    public long Plaintext => Math.Max(0, Interlocked.Read(ref _plaintext));

    /// <summary>Requests that arrived in clear text and were answered over TLS.</summary>
    public long Upgraded => Interlocked.Read(ref _upgraded);

    /// <summary>Upgrades that were accepted and failed.</summary>
    public long Failed => Interlocked.Read(ref _failed);

    /// <summary>Whether it has ever asked for an upgrade.</summary>
    public bool OffersUpgrade => _offersUpgrade;

    public DateTimeOffset LastSeen => DateTimeOffset.FromUnixTimeSeconds(Interlocked.Read(ref _lastSeen));

    /// <summary>When it was last answered in clear text. Meaningless if it never was.</summary>
    public DateTimeOffset LastPlaintext => DateTimeOffset.FromUnixTimeSeconds(Interlocked.Read(ref _lastPlaintext));

    /// <summary>Its rank in the table.</summary>
    public long Weight => missed + Plaintext + Upgraded + Failed;

    public void AddPlaintext(bool offersUpgrade, DateTimeOffset now)
    {
        Interlocked.Increment(ref _plaintext);
        SetTo(ref _lastPlaintext, now);
        See(offersUpgrade, now);
    }

    public void AddUpgraded(DateTimeOffset now)
    {
        Interlocked.Increment(ref _upgraded);
        See(offersUpgrade: true, now);
    }

    public void AddFailed(DateTimeOffset now)
    {
        Interlocked.Increment(ref _failed);
        See(offersUpgrade: true, now);
    }

    public void TakeBackPlaintext() => Interlocked.Decrement(ref _plaintext);

    public void TakeBackUpgraded() => Interlocked.Decrement(ref _upgraded);

    private void See(bool offersUpgrade, DateTimeOffset now)
    {
        SetTo(ref _lastSeen, now);
        if (offersUpgrade && !_offersUpgrade)
        {
            _offersUpgrade = true;
        }
    }

    /// <summary>Writes only changes, because concurrent requests share the field. A clock that was set back is right.</summary>
    private static void SetTo(ref long last, DateTimeOffset now)
    {
        var second = now.ToUnixTimeSeconds();
        if (Interlocked.Read(ref last) != second)
        {
            Interlocked.Exchange(ref last, second);
        }
    }
}

/// <summary>The identity of a caller.</summary>
/// <param name="Product">What the client calls itself; empty if nothing.</param>
/// <param name="Network">Where it calls from.</param>
internal readonly record struct CallerKey(string Product, NetworkPrefix Network);
