namespace KestrelTlsUpgrade.Internal.Fallback;

/// <summary>What is known of a caller, or of a caller and a host. Times are timestamps of the server's clock.</summary>
internal sealed class FallbackEntry
{
    /// <summary>When it was last used.</summary>
    public long TouchedAt { get; set; }

    /// <summary>The upgrade that is under way and decides whether TLS works.</summary>
    public FallbackTrial? Trial { get; private set; }

    /// <summary>When that began.</summary>
    public long TriedAt { get; private set; }

    public bool HasSucceeded { get; private set; }

    /// <summary>Whether the client continued over TLS, and so has accepted the certificate.</summary>
    public bool IsCertain { get; private set; }

    public long SucceededAt { get; private set; }

    /// <summary>How often TLS has failed in a row.</summary>
    public int Falls { get; private set; }

    public long FellAt { get; private set; }

    /// <summary>How long offers are declined from then on.</summary>
    public TimeSpan Declined { get; private set; }

    public void Try(FallbackTrial trial, long now) => (Trial, TriedAt) = (trial, now);

    public void EndTrial(FallbackTrial trial) => Trial = Trial == trial ? null : Trial;

    public void Succeed(bool isCertain, long now) =>
        (HasSucceeded, IsCertain, SucceededAt, Falls, Declined) = (true, IsCertain || isCertain, now, 0, TimeSpan.Zero);

    public void Fall(long now, TimeSpan declined) =>
        (FellAt, Declined, Falls, HasSucceeded, IsCertain) = (now, declined, Falls + 1, false, false);
}
