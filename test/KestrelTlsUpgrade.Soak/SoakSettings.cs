using System.Globalization;

namespace KestrelTlsUpgrade.Soak;

/// <summary>How long and how hard to soak, and what share of the time each stage gets.</summary>
internal sealed record SoakSettings(double Minutes, int Idle = 10_000, int Workers = 2, string? JsonPath = null)
{
    /// <summary>What a server may still have open when its load is gone that it had not at its start: what the runtime opens as it goes.</summary>
    public const int HandleAllowance = 4;

    /// <summary>How often idle connections are held: memory that the first time leaves behind is a leak if the second time adds to it.</summary>
    public const int Holds = 2;

    /// <summary>The product promises about two seconds; the machine may be busy.</summary>
    public static readonly TimeSpan RenewalPatience = TimeSpan.FromSeconds(15);

    public TimeSpan Restarts => Share(0.2);

    public TimeSpan RestartInterval => Restarts / Math.Max(1, (int)(Restarts / TimeSpan.FromSeconds(30)));

    public TimeSpan WarmUp => Share(0.05);

    public TimeSpan Mix => Share(0.3);

    /// <summary>For each time that they are held, without what it takes to open and to use them.</summary>
    public TimeSpan MixWithIdle => Share(0.125);

    public TimeSpan MixAfterIdle => Share(0.1);

    public TimeSpan Rest => Bounded(Share(0.05), 2, 60);

    public TimeSpan RenewalInterval => Bounded(Share(0.04), 4, 60);

    public TimeSpan SampleInterval => Bounded(Share(0.01), 0.5, 5);

    public static SoakSettings? TryParse(string[] args)
    {
        if (args.Length % 2 == 0
            || !double.TryParse(args[0], NumberStyles.Float, CultureInfo.InvariantCulture, out var minutes) || !(minutes is > 0 and < 1e5))
        {
            return null;
        }

        var settings = new SoakSettings(minutes);
        for (var i = 1; i < args.Length && settings is not null; i += 2)
        {
            settings = (args[i], int.TryParse(args[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var number)) switch
            {
                ("--idle", true) => settings with { Idle = number },
                ("--workers", true) => settings with { Workers = number },
                ("--json", _) => settings with { JsonPath = args[i + 1] },
                _ => null,
            };
        }

        return settings;
    }

    private static TimeSpan Bounded(TimeSpan time, double least, double most) =>
        TimeSpan.FromSeconds(Math.Clamp(time.TotalSeconds, least, most));

    private TimeSpan Share(double share) => TimeSpan.FromMinutes(Minutes * share);
}
