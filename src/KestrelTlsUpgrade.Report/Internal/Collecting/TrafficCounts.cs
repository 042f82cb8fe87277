using System.Globalization;
using KestrelTlsUpgrade.Internal.Telemetry;
using Microsoft.AspNetCore.Http;

namespace KestrelTlsUpgrade.Report.Internal.Collecting;

/// <summary>The counts of a period. Thread-safe.</summary>
internal sealed class TrafficCounts
{
    private static readonly int FirstOutcome = Enum.GetValues<TlsUpgradeState>().Length;
    private static readonly int FirstCause = FirstOutcome + Enum.GetValues<ConnectionOutcome>().Length;
    private static readonly int FirstRefusal = FirstCause + Enum.GetValues<FailureCause>().Length;

    /// <summary>The names of the counts, in their order.</summary>
    private static readonly string[] Names =
    [
        .. Enum.GetNames<TlsUpgradeState>().Select(static name => $"request:{name}"),
        .. Enum.GetNames<ConnectionOutcome>().Select(static name => $"connection:{name}"),
        .. Enum.GetNames<FailureCause>().Select(static name => $"cause:{name}"),
        .. Refusals.ToArray().Select(static status => string.Create(CultureInfo.InvariantCulture, $"refusal:{status}")),
    ];

    private readonly long[] _counts = new long[FirstRefusal + Refusals.Length];

    /// <summary>The statuses that requests are refused with because of how they arrived.</summary>
    public static ReadOnlySpan<int> Refusals =>
    [
        StatusCodes.Status307TemporaryRedirect,
        StatusCodes.Status403Forbidden,
        StatusCodes.Status421MisdirectedRequest,
        StatusCodes.Status426UpgradeRequired,
    ];

    public long this[TlsUpgradeState state] => Read((int)state);

    public long this[ConnectionOutcome outcome] => Read(FirstOutcome + (int)outcome);

    public long this[FailureCause cause] => Read(FirstCause + (int)cause);

    public long GetRefusals(int statusCode) => Read(FirstRefusal + Refusals.IndexOf(statusCode));

    public void Add(TlsUpgradeState state, int count = 1) => Interlocked.Add(ref _counts[(int)state], count);

    public void Add(ConnectionOutcome outcome, FailureCause cause)
    {
        Interlocked.Increment(ref _counts[FirstOutcome + (int)outcome]);
        Interlocked.Increment(ref _counts[FirstCause + (int)cause]);
    }

    public void AddRefusal(int statusCode)
    {
        if (Refusals.IndexOf(statusCode) is >= 0 and var index)
        {
            Interlocked.Increment(ref _counts[FirstRefusal + index]);
        }
    }

    /// <summary>Adds other counts to these.</summary>
    public void Add(TrafficCounts other)
    {
        for (var i = 0; i < _counts.Length; i++)
        {
            _counts[i] += Interlocked.Read(ref other._counts[i]);
        }
    }

    /// <summary>The counts that are not zero, by names that do not change.</summary>
    public Dictionary<string, long> ReadNamed()
    {
        var read = new Dictionary<string, long>();
        for (var i = 0; i < _counts.Length; i++)
        {
            if (Interlocked.Read(ref _counts[i]) is not 0 and var count)
            {
                read[Names[i]] = count;
            }
        }

        return read;
    }

    /// <summary>Adds counts of <see cref="ReadNamed"/>. A name that is no longer known counts nowhere.</summary>
    public void Add(IReadOnlyDictionary<string, long> named)
    {
        for (var i = 0; i < _counts.Length; i++)
        {
            Interlocked.Add(ref _counts[i], named.GetValueOrDefault(Names[i]));
        }
    }

    /// <summary>Never negative: a request counted in one minute may be taken back in the next.</summary>
    private long Read(int index) => Math.Max(0, Interlocked.Read(ref _counts[index]));
}
