using Microsoft.AspNetCore.Http;

namespace KestrelTlsUpgrade.Report.Internal.Collecting;

/// <summary>The resources that a caller was refused, or would be if their requirement were enforced. Bounded and thread-safe.</summary>
internal sealed class CallerResources
{
    /// <summary>The routes that have a row of their own. All others share one.</summary>
    public const int Capacity = 8;

    public const string Others = "(other resources)";

    /// <summary>What was asked for has no route: it is not an endpoint of the application.</summary>
    public const string NoRoute = "(no route)";

    private readonly Lock _lock = new();
    private readonly List<CallerResource> _rows = [];

    /// <summary>The statuses with which resources that require TLS answer plaintext requests.</summary>
    public static ReadOnlySpan<int> Statuses =>
    [
        StatusCodes.Status101SwitchingProtocols,
        StatusCodes.Status307TemporaryRedirect,
        StatusCodes.Status403Forbidden,
        StatusCodes.Status426UpgradeRequired,
    ];

    /// <summary>The rows, as they are now. What would be is only of the given era.</summary>
    public CallerResource[] Read(int era)
    {
        lock (_lock)
        {
            return [.. _rows.Select(row => row.CopyOf(era))];
        }
    }

    public void AddRefused(string route, int status, bool isOffering, DateTimeOffset now)
    {
        lock (_lock)
        {
            Find(route).Refused.Add(status, isOffering, now);
        }
    }

    /// <param name="route">The route of the resource.</param>
    /// <param name="status">How an enforced requirement would have answered.</param>
    /// <param name="isOffering">Whether the request offered an upgrade.</param>
    /// <param name="era">The era of the settings: what was counted under others would not be the answer now.</param>
    /// <param name="now">When.</param>
    public void AddTolerated(string route, int status, bool isOffering, int era, DateTimeOffset now)
    {
        lock (_lock)
        {
            Find(route).EnterEra(era).Add(status, isOffering, now);
        }
    }

    public void Restore(CallerResource row)
    {
        lock (_lock)
        {
            if (_rows.Count <= Capacity)
            {
                _rows.Add(row);
            }
        }
    }

    private CallerResource Find(string route)
    {
        var name = route.Length == 0 ? NoRoute : route;
        foreach (var row in _rows)
        {
            if (row.Name == name)
            {
                return row;
            }
        }

        if (_rows.Count >= Capacity)
        {
            if (_rows.Count > Capacity)
            {
                return _rows[Capacity];
            }

            name = Others;
        }

        var added = new CallerResource(name);
        _rows.Add(added);
        return added;
    }
}

/// <summary>A resource that a caller was refused, or would be. Not thread-safe.</summary>
internal sealed class CallerResource(string name, ResourceAnswers? refused = null, ResourceAnswers? wouldBe = null)
{
    private int _era;

    public string Name => name;

    public ResourceAnswers Refused { get; } = refused ?? new();

    /// <summary>What would have been answered to requests that were served, because the requirement is only reported.</summary>
    public ResourceAnswers WouldBe { get; private set; } = wouldBe ?? new();

    /// <summary>Returns <see cref="WouldBe"/>, anew if it is of another era.</summary>
    public ResourceAnswers EnterEra(int era)
    {
        if (_era != era)
        {
            (_era, WouldBe) = (era, new());
        }

        return WouldBe;
    }

    public CallerResource CopyOf(int era) => new(name, Refused.Copy(), _era == era ? WouldBe.Copy() : null);
}

/// <summary>The answers to plaintext requests for a resource that requires TLS. Not thread-safe.</summary>
internal sealed class ResourceAnswers
{
    private readonly long[] _counts = new long[CallerResources.Statuses.Length];
    private readonly long[] _offering = new long[CallerResources.Statuses.Length];

    public DateTimeOffset Last { get; private set; }

    /// <summary>The number of answers with this status.</summary>
    public long this[int status] => _counts[CallerResources.Statuses.IndexOf(status)];

    /// <summary>Those of them to requests that offered an upgrade.</summary>
    public long GetOffering(int status) => _offering[CallerResources.Statuses.IndexOf(status)];

    public void Add(int status, bool isOffering, DateTimeOffset now) => Add(status, 1, isOffering ? 1 : 0, now);

    public void Add(int status, long count, long offering, DateTimeOffset now)
    {
        if (CallerResources.Statuses.IndexOf(status) is >= 0 and var index)
        {
            _counts[index] += count;
            _offering[index] += offering;
            Last = now;
        }
    }

    public ResourceAnswers Copy()
    {
        var copy = new ResourceAnswers { Last = Last };
        _counts.CopyTo(copy._counts, 0);
        _offering.CopyTo(copy._offering, 0);
        return copy;
    }
}
