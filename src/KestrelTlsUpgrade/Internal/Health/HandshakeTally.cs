using KestrelTlsUpgrade.Connections.Hosting;
using KestrelTlsUpgrade.Internal.Telemetry;

namespace KestrelTlsUpgrade.Internal.Health;

/// <summary>Counts the TLS handshakes of the last five minutes by cause of failure, in steps of 30 seconds.</summary>
internal sealed class HandshakeTally(ServerClock clock) : ITlsUpgradeObserver
{
    private const int Steps = 10;
    private const int SecondsOfStep = 30;

    private static readonly int Causes = Enum.GetValues<FailureCause>().Length;

    private readonly Lock _lock = new();

    /// <summary>A ring buffer of steps, indexed by step number modulo length, with a count per cause. None counts successes.</summary>
    private readonly (long Number, long[] Counts)[] _steps = new (long, long[])[Steps];

    public void ConnectionSettled(in ConnectionResult connection)
    {
        if (connection.Start is TlsStart.None)
        {
            return;
        }

        // A refused client was judged by its ClientHello, so the server's TLS works.
        var cause = connection.Outcome is ConnectionOutcome.Failed ? connection.Cause : FailureCause.None;
        lock (_lock)
        {
            var number = GetNumber();
            ref var step = ref _steps[number % Steps];
            if (step.Counts is null || step.Number != number)
            {
                step = (number, new long[Causes]);
            }

            step.Counts[(int)cause]++;
        }
    }

    /// <summary>The number of handshakes, the number that failed, and the most common cause.</summary>
    public (long All, long Failed, FailureCause Commonest) Count()
    {
        var counts = new long[Causes];
        lock (_lock)
        {
            var oldest = GetNumber() - Steps + 1;
            foreach (var step in _steps)
            {
                if (step.Counts is not null && step.Number >= oldest)
                {
                    for (var i = 0; i < counts.Length; i++)
                    {
                        counts[i] += step.Counts[i];
                    }
                }
            }
        }

        var all = counts.Sum();
        var failed = all - counts[(int)FailureCause.None];
        counts[(int)FailureCause.None] = 0;
        return (all, failed, (FailureCause)Array.IndexOf(counts, counts.Max()));
    }

    private long GetNumber() => clock.TimeProvider.GetTimestamp() / (clock.TimeProvider.TimestampFrequency * SecondsOfStep);
}
