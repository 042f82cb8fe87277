using System.Net;
using KestrelTlsUpgrade.Internal.Telemetry;

namespace KestrelTlsUpgrade.Report.Internal.Collecting;

/// <summary>The counts of a caller. Thread-safe.</summary>
/// <param name="key">Who it is.</param>
/// <param name="missed">How many requests of it may have been missed before it got its place.</param>
internal sealed class Caller(CallerKey key, long missed)
{
    private static readonly int Figures = Enum.GetValues<CallerFigure>().Length;
    private static readonly int Reasons = Enum.GetValues<DeclineReason>().Length;

    private readonly Tally[] _figures = new Tally[Figures];
    private Tally _plaintext;
    private Tally[]? _declined;
    private CallerFailures? _failures;
    private CallerResources? _resources;
    private CallerAddresses? _addresses;
    private Tally _declinedAsterisks;
    private long _lastSeen;
    private long _fallenAt;
    private long _fallenUntil;
    private volatile bool _offersUpgrade;

    public CallerKey Key => key;

    public long Missed => missed;

    /// <summary>Requests that were answered in clear text.</summary>
    public long Plaintext => _plaintext.Count;

    /// <summary>Requests that arrived in clear text and were answered over TLS.</summary>
    public long Upgraded => this[CallerFigure.Upgraded];

    /// <summary>Upgrades that were accepted and failed.</summary>
    public long Failed => this[CallerFigure.Failed];

    public Tally PlaintextTally => _plaintext;

    /// <summary>Whether it has ever asked for an upgrade.</summary>
    public bool OffersUpgrade => _offersUpgrade;

    /// <summary>When it last came in clear text; over TLS if it never did.</summary>
    public DateTimeOffset LastSeen => DateTimeOffset.FromUnixTimeSeconds(Interlocked.Read(ref _lastSeen));

    /// <summary>When it was last answered in clear text. Meaningless if it never was.</summary>
    public DateTimeOffset LastPlaintext => _plaintext.Last;

    /// <summary>Its rank in the table. Further requests of an upgraded connection do not count.</summary>
    public long Weight => missed + Plaintext + this[CallerFigure.Redirected] + Upgraded + Failed + this[CallerFigure.DirectTls] + this[CallerFigure.DirectShutOut];

    /// <summary>Until when its optional offers are declined, because TLS has failed for it.</summary>
    public DateTimeOffset FallenUntil => DateTimeOffset.FromUnixTimeSeconds(Interlocked.Read(ref _fallenUntil));

    /// <summary>When that began.</summary>
    public DateTimeOffset FallenAt => DateTimeOffset.FromUnixTimeSeconds(Interlocked.Read(ref _fallenAt));

    /// <summary>Its failed upgrades by cause, or its connections that began with TLS and were shut out.</summary>
    public CallerFailures Failures => LazyInitializer.EnsureInitialized(ref _failures, static () => new());

    /// <summary>The resources that it was refused, or would be.</summary>
    public CallerResources Resources => LazyInitializer.EnsureInitialized(ref _resources, static () => new());

    /// <summary>Its addresses, if they are kept.</summary>
    public CallerAddresses? Addresses => Volatile.Read(ref _addresses);

    /// <summary>Its declined offers in <c>OPTIONS *</c>, which ask for nothing but the upgrade.</summary>
    public Tally DeclinedAsterisks => _declinedAsterisks;

    public long this[CallerFigure figure] => _figures[(int)figure].Count;

    public DateTimeOffset GetLast(CallerFigure figure) => _figures[(int)figure].Last;

    public void Add(CallerFigure figure, DateTimeOffset now)
    {
        _figures[(int)figure].Add(now);
        if (IsPlaintext(figure))
        {
            _plaintext.Add(now);
        }

        if (figure is not CallerFigure.AfterUpgrade)
        {
            See(now);
        }

        if (!_offersUpgrade && IsOffer(figure))
        {
            _offersUpgrade = true;
        }
    }

    public void TakeBack(CallerFigure figure)
    {
        _figures[(int)figure].TakeBack();
        if (IsPlaintext(figure))
        {
            _plaintext.TakeBack();
        }
    }

    /// <summary>Its declined offers for this reason.</summary>
    public Tally GetDeclined(DeclineReason reason) => Volatile.Read(ref _declined)?[(int)reason] ?? default;

    public void AddDeclined(DeclineReason reason, bool isAsterisk, DateTimeOffset now)
    {
        var declined = LazyInitializer.EnsureInitialized(ref _declined, static () => new Tally[Reasons]);
        declined[(int)reason].Add(now);
        if (isAsterisk)
        {
            _declinedAsterisks.Add(now);
        }
    }

    public void AddAddress(IPAddress address, DateTimeOffset now) =>
        LazyInitializer.EnsureInitialized(ref _addresses, static () => new()).Add(address, now);

    public Tally GetTally(CallerFigure figure) => _figures[(int)figure];

    public void Restore(CallerFigure figure, Tally tally)
    {
        _figures[(int)figure] = tally;
        _offersUpgrade |= tally.Count > 0 && IsOffer(figure);
    }

    public void Restore(DeclineReason reason, Tally tally)
    {
        if (tally.Count > 0)
        {
            (_declined ??= new Tally[Reasons])[(int)reason] = tally;
        }
    }

    public void Restore(Tally plaintext, Tally declinedAsterisks, long lastSeen) =>
        (_plaintext, _declinedAsterisks, _lastSeen) = (plaintext, declinedAsterisks, Math.Clamp(lastSeen, 0, DateTimeOffset.MaxValue.ToUnixTimeSeconds()));

    public void FallBack(DateTimeOffset until, DateTimeOffset now)
    {
        Interlocked.Exchange(ref _fallenAt, now.ToUnixTimeSeconds());
        Interlocked.Exchange(ref _fallenUntil, until.ToUnixTimeSeconds());
    }

    private static bool IsPlaintext(CallerFigure figure) =>
        figure is CallerFigure.Plain or CallerFigure.Offering or CallerFigure.Navigating;

    private static bool IsOffer(CallerFigure figure) => figure is CallerFigure.Offering or CallerFigure.Upgraded or CallerFigure.Failed;

    /// <summary>Writes only changes, because concurrent requests share the field. A clock that was set back is right.</summary>
    private void See(DateTimeOffset now)
    {
        var second = now.ToUnixTimeSeconds();
        if (Interlocked.Read(ref _lastSeen) != second)
        {
            Interlocked.Exchange(ref _lastSeen, second);
        }
    }
}

/// <summary>The identity of a caller.</summary>
/// <param name="Product">What the client calls itself; empty if nothing.</param>
/// <param name="Network">Where it calls from.</param>
/// <param name="IsExpected">Whether the operator expects it to come in clear text.</param>
internal readonly record struct CallerKey(string Product, NetworkPrefix Network, bool IsExpected = false);
