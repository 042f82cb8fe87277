using System.Net;
using System.Net.Sockets;
using KestrelTlsUpgrade.Connections;

namespace KestrelTlsUpgrade.Tunnel.Internal.Dialing;

/// <summary>
/// Looks names up, on threads of its own and a limited number at a time: the system's resolver blocks a thread for as long as a name server
/// does not answer, and nothing stops it. Equal names share a lookup while it lasts. A lookup keeps its place until it has really ended.
/// </summary>
/// <remarks>
/// A caller may begin another lookup while it takes part in fewer than there are free places. So nobody gets more than half of the places, or
/// of what others have left. Lookups beyond that wait, and the next place goes to the caller with the fewest: two callers soon have a third
/// each, and a third stays free for the next one.
/// </remarks>
/// <param name="resolver">The resolver.</param>
/// <param name="threads">The threads on which it runs.</param>
/// <param name="places">How many lookups may be in progress.</param>
internal sealed class NameLookups(INameResolver resolver, BlockingThreads threads, int places = NameLookups.DefaultPlaces)
{
    /// <summary>
    /// A single caller gets 64: that is more than a thousand lookups a second if they take 50 ms, and six a second whose servers never
    /// answer.
    /// </summary>
    public const int DefaultPlaces = 128;

    private static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Lookup> _lookups = [];
    private readonly Dictionary<CallerKey, Caller> _callers = [];
    private long _count;
    private int _running;

    public NameLookups(INameResolver resolver)
        : this(resolver, new BlockingThreads("KestrelTlsUpgrade name lookup", IdleTime))
    {
    }

    /// <summary>The lookups of the whole process, which has one resolver.</summary>
    public static NameLookups System { get; } = new(new SystemNameResolver());

    /// <summary>Resolves a name to at least one address.</summary>
    /// <exception cref="SocketException">The name cannot be resolved.</exception>
    /// <exception cref="LookupTimeoutException">The token was canceled first, or the name servers did not answer.</exception>
    public async Task<IPAddress[]> ResolveAsync(string name, CallerKey caller, CancellationToken cancellationToken)
    {
        Lookup lookup;
        lock (_lock)
        {
            lookup = Join(name, caller);
        }

        try
        {
            var addresses = await lookup.Result.Task.WaitAsync(cancellationToken);
            return addresses.Length > 0 ? addresses : throw new SocketException((int)SocketError.NoData);
        }
        catch (OperationCanceledException)
        {
            lock (_lock)
            {
                Leave(lookup, caller);
                throw new LookupTimeoutException(lookup.IsRunning);
            }
        }
    }

    private Lookup Join(string name, CallerKey key)
    {
        if (!_callers.TryGetValue(key, out var caller))
        {
            _callers.Add(key, caller = new Caller(key));
        }

        if (!_lookups.TryGetValue(name, out var lookup))
        {
            _lookups.Add(name, lookup = new Lookup(name, _count++));
        }

        if (lookup.IsRunning)
        {
            // A caller that only joins counts too. Otherwise it could have others begin all of its lookups.
            if (lookup.Callers.TryAdd(caller, default))
            {
                caller.Running++;
            }
        }
        else if (lookup.Callers.TryGetValue(caller, out var known))
        {
            lookup.Callers[caller] = known with { Tunnels = known.Tunnels + 1 };
        }
        else
        {
            lookup.Callers.Add(caller, new(1, caller.Waiting.AddLast(lookup)));
            if (HasShareLeft(caller))
            {
                Start(lookup);
            }
        }

        return lookup;
    }

    /// <summary>A lookup that has not begun is given up with its last tunnel. One that has begun keeps its place and its callers.</summary>
    private void Leave(Lookup lookup, CallerKey key)
    {
        if (lookup.IsRunning)
        {
            return;
        }

        var caller = _callers[key];
        var known = lookup.Callers[caller];
        if (known.Tunnels > 1)
        {
            lookup.Callers[caller] = known with { Tunnels = known.Tunnels - 1 };
            return;
        }

        caller.Waiting.Remove(known.Place!);
        lookup.Callers.Remove(caller);
        Forget(caller);
        if (lookup.Callers.Count == 0)
        {
            _lookups.Remove(lookup.Name);
        }
    }

    private void Start(Lookup lookup)
    {
        lookup.IsRunning = true;
        _running++;
        foreach (var (caller, known) in lookup.Callers)
        {
            caller.Waiting.Remove(known.Place!);
            caller.Running++;
        }

        try
        {
            threads.Run(() => Run(lookup));
        }
        catch (OutOfMemoryException)
        {
            End(lookup);
            lookup.Fail(new SocketException((int)SocketError.TryAgain));
        }
    }

    private void Run(Lookup lookup)
    {
        IPAddress[]? addresses = null;
        Exception? error = null;
        try
        {
            addresses = resolver.Resolve(lookup.Name);
        }
#pragma warning disable CA1031 // Whatever it is, those who wait for the lookup get it.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            error = exception;
        }

        // The answer is for those who wait now. The next one asks again.
        lock (_lock)
        {
            End(lookup);
            StartWaiting();
        }

        if (error is null)
        {
            lookup.Result.SetResult(addresses!);
        }
        else
        {
            lookup.Fail(error);
        }
    }

    private void End(Lookup lookup)
    {
        _lookups.Remove(lookup.Name);
        _running--;
        foreach (var caller in lookup.Callers.Keys)
        {
            caller.Running--;
            Forget(caller);
        }
    }

    private void StartWaiting()
    {
        // If the caller with the fewest lookups has no share left, neither have the others.
        while (_callers.Values.Where(static caller => caller.Waiting.Count > 0)
                .MinBy(static caller => (caller.Running, caller.Waiting.First!.Value.Number)) is { } next
            && HasShareLeft(next))
        {
            Start(next.Waiting.First!.Value);
        }
    }

    private bool HasShareLeft(Caller caller) => caller.Running < places - _running;

    private void Forget(Caller caller)
    {
        if (caller is { Running: 0, Waiting.Count: 0 })
        {
            _callers.Remove(caller.Key);
        }
    }

    /// <param name="name">The name.</param>
    /// <param name="number">Counts the lookups, so that the one that has waited longest is known.</param>
    private sealed class Lookup(string name, long number)
    {
        public string Name => name;

        public long Number => number;

        /// <summary>Completed on another thread than that of the lookup, which is needed for the next one.</summary>
        public TaskCompletionSource<IPAddress[]> Result { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Dictionary<Caller, Wait> Callers { get; } = [];

        public bool IsRunning { get; set; }

        public void Fail(Exception error)
        {
            Result.SetException(error);

            // Perhaps nobody waits any more.
            _ = Result.Task.Exception;
        }
    }

    private sealed class Caller(CallerKey key)
    {
        public CallerKey Key => key;

        /// <summary>The number of running lookups in which it takes part.</summary>
        public int Running { get; set; }

        public LinkedList<Lookup> Waiting { get; } = [];
    }

    /// <summary>How a caller waits for a lookup that has not begun.</summary>
    /// <param name="Tunnels">How many of its tunnels need the name.</param>
    /// <param name="Place">Its place in the caller's queue.</param>
    private readonly record struct Wait(int Tunnels, LinkedListNode<Lookup>? Place);
}
