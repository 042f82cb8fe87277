using System.Net;
using System.Runtime.InteropServices;
using KestrelTlsUpgrade.Connections;
using KestrelTlsUpgrade.Connections.Hosting;
using KestrelTlsUpgrade.Internal.Middleware;
using KestrelTlsUpgrade.Internal.Telemetry;
using Microsoft.AspNetCore.Http;

namespace KestrelTlsUpgrade.Internal.Health;

/// <summary>Counts the TLS handshakes of the last five minutes by cause of failure and by caller, in steps of 30 seconds.</summary>
internal sealed class HandshakeTally(ServerClock clock) : ITlsUpgradeObserver
{
    /// <summary>The number of callers that are counted separately in each step. All others count as one.</summary>
    public const int MaxCallers = 1024;

    private const int Steps = 10;
    private const int SecondsOfStep = 30;

    private static readonly int Causes = Enum.GetValues<FailureCause>().Length;

    private readonly Lock _lock = new();

    /// <summary>A ring buffer of steps, indexed by step number modulo length.</summary>
    private readonly Step?[] _steps = new Step?[Steps];

    public void ConnectionSettled(in ConnectionResult connection)
    {
        if (connection.Start is TlsStart.None)
        {
            return;
        }

        // A refused client was judged by its ClientHello, so the server's TLS works.
        Add(connection.Outcome is ConnectionOutcome.Failed ? connection.Cause : FailureCause.None, connection.Connection.RemoteEndPoint);
    }

    /// <summary>
    /// A caller whose offers are declined because TLS has failed for it counts as one that fails, once in each step. Otherwise the fallback
    /// would hide from the health check what is wrong with the certificate.
    /// </summary>
    public void OfferDeclined(HttpContext context, DeclineReason reason)
    {
        if (reason is DeclineReason.FellBack && UpgradeConnection.Of(context.Features) is { Context.RemoteEndPoint: var caller })
        {
            Add(FailureCause.FellBack, caller);
        }
    }

    public HandshakeSummary Count()
    {
        var counts = new long[Causes];
        var callers = new Dictionary<CallerKey, CallerHandshakes>();
        lock (_lock)
        {
            var oldest = GetNumber() - Steps + 1;
            foreach (var step in _steps)
            {
                if (step is not null && step.Number >= oldest)
                {
                    step.AddTo(counts, callers);
                }
            }
        }

        var all = counts.Sum();
        var failed = all - counts[(int)FailureCause.None];
        var causes = Enum.GetValues<FailureCause>()
            .Where(cause => cause is not FailureCause.None && counts[(int)cause] > 0)
            .Select(cause => (cause, counts[(int)cause]))
            .OrderByDescending(static counted => counted.Item2);
        return new(all, failed, [.. causes], callers.Values);
    }

    private void Add(FailureCause cause, EndPoint? endPoint)
    {
        var caller = CallerKey.Of(endPoint);
        lock (_lock)
        {
            var number = GetNumber();
            ref var step = ref _steps[number % Steps];
            if (step is null || step.Number != number)
            {
                step = new(number);
            }

            if (cause is not FailureCause.FellBack || step.TryAddFallen(caller))
            {
                step.Add(cause, caller);
            }
        }
    }

    private long GetNumber() => clock.TimeProvider.GetTimestamp() / (clock.TimeProvider.TimestampFrequency * SecondsOfStep);

    /// <summary>The handshakes of 30 seconds.</summary>
    private sealed class Step(long number)
    {
        /// <summary>A count for each cause. None counts successes.</summary>
        private readonly long[] _counts = new long[Causes];

        private readonly Dictionary<CallerKey, CallerHandshakes> _callers = [];

        private readonly HashSet<CallerKey> _fallen = [];

        public long Number => number;

        /// <summary>Whether it is the first time in this step that the caller's offer is declined.</summary>
        public bool TryAddFallen(CallerKey caller) => _fallen.Count < MaxCallers && _fallen.Add(caller);

        public void Add(FailureCause cause, CallerKey caller)
        {
            _counts[(int)cause]++;
            var key = _callers.Count < MaxCallers || _callers.ContainsKey(caller) ? caller : CallerKey.Other;
            Add(_callers, key, 1, cause is FailureCause.None ? 0 : 1);
        }

        public void AddTo(long[] counts, Dictionary<CallerKey, CallerHandshakes> callers)
        {
            for (var i = 0; i < counts.Length; i++)
            {
                counts[i] += _counts[i];
            }

            foreach (var (caller, handshakes) in _callers)
            {
                Add(callers, caller, handshakes.All, handshakes.Failed);
            }
        }

        private static void Add(Dictionary<CallerKey, CallerHandshakes> callers, CallerKey caller, long all, long failed)
        {
            ref var handshakes = ref CollectionsMarshal.GetValueRefOrAddDefault(callers, caller, out _);
            handshakes = handshakes.Add(all, failed);
        }
    }
}
