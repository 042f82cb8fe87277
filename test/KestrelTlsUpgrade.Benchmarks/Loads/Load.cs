using System.Net;

namespace KestrelTlsUpgrade.Benchmarks.Loads;

/// <summary>What a client does over and over, each operation checked.</summary>
internal abstract record Load
{
    /// <summary>What is counted.</summary>
    public abstract string Unit { get; }

    /// <summary>The round trips of an operation, TCP's handshake included, or 0 where they are not what it is about.</summary>
    public virtual int RoundTrips => 0;

    /// <summary>The program it needs, where it is not this one.</summary>
    public virtual string? Program => null;

    /// <param name="server">Where to.</param>
    /// <param name="connections">How many at a time.</param>
    /// <param name="duration">How long to begin operations.</param>
    /// <param name="onReady">Called when all is prepared and the measurement begins.</param>
    public abstract Task<LoadResult> RunAsync(IPEndPoint server, int connections, TimeSpan duration, Action onReady);

    /// <summary>Runs something for each connection, once at least and until the time is up.</summary>
    protected static async Task<LoadResult> RunEachAsync(int connections, TimeSpan duration, Func<int, Deadline, Task<double>> run)
    {
        var deadline = new Deadline(duration);
        var counts = await Task.WhenAll(Enumerable.Range(0, connections).Select(index => Task.Run(() => run(index, deadline))));
        return new LoadResult(counts.Sum(), deadline.Elapsed);
    }
}
