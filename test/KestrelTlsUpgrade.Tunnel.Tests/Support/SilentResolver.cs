using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using KestrelTlsUpgrade.Testing;
using KestrelTlsUpgrade.Tunnel.Internal.Dialing;

namespace KestrelTlsUpgrade.Tunnel.Tests.Support;

/// <summary>A resolver that blocks its thread until the test answers, as the system's does while a name server is silent.</summary>
internal sealed class SilentResolver : INameResolver, IDisposable
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource<IPAddress[]>> _answers = new();
    private readonly ConcurrentQueue<string> _asked = new();
    private readonly SemaphoreSlim _news = new(0);
    private int _running;
    private int _most;
    private volatile bool _isDisposed;

    /// <summary>The names that it was asked for, in this order.</summary>
    public IReadOnlyCollection<string> Asked => _asked;

    /// <summary>How many lookups there were at most at a time.</summary>
    public int Most => _most;

    /// <summary>Whether a lookup blocked a thread of the pool.</summary>
    public bool WasOnThreadPool { get; private set; }

    public IPAddress[] Resolve(string name)
    {
        var running = Interlocked.Increment(ref _running);
        for (var most = _most; running > most; most = _most)
        {
            Interlocked.CompareExchange(ref _most, running, most);
        }

        WasOnThreadPool |= Thread.CurrentThread.IsThreadPoolThread;
        _asked.Enqueue(name);
        _news.Release();
        try
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return Of(name).Task.GetAwaiter().GetResult();
        }
        finally
        {
            _answers.TryRemove(name, out _);
            Interlocked.Decrement(ref _running);
        }
    }

    /// <summary>Ends the lookup of a name.</summary>
    public void Answer(string name, params string[] addresses) => Of(name).TrySetResult([.. addresses.Select(IPAddress.Parse)]);

    public void Fail(string name) => Of(name).TrySetException(new SocketException((int)SocketError.HostNotFound));

    /// <summary>Waits until it has been asked this often in all.</summary>
    public async Task AskedAsync(int count)
    {
        using var patience = new CancellationTokenSource(RawConnection.Patience);
        while (_asked.Count < count)
        {
            await _news.WaitAsync(patience.Token);
        }
    }

    /// <summary>Ends all lookups.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        foreach (var name in _answers.Keys)
        {
            Fail(name);
        }
    }

    private TaskCompletionSource<IPAddress[]> Of(string name) => _answers.GetOrAdd(name, static _ => new());
}
