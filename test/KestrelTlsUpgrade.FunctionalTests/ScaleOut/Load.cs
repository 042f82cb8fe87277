using System.Collections.Concurrent;
using System.Net;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.FunctionalTests.ScaleOut;

/// <summary>
/// Clients that ask one request after the other: half of them by this project's client, which keeps connections, and half on a
/// connection of their own that goes from clear text to TLS, and is not tried again when it fails.
/// </summary>
internal sealed class Load : IAsyncDisposable
{
    public const int Pooled = 4;
    public const int Workers = 8;

    private readonly IPEndPoint _endPoint;
    private readonly HttpClient[] _clients = [.. Enumerable.Range(0, Pooled).Select(static _ => TestClient.Create())];
    private readonly ConcurrentQueue<LoadRequest> _ended = new();
    private readonly long[] _answered = new long[Workers];
    private readonly SemaphoreSlim _news = new(0);
    private Task[] _work = [];
    private long _moment;
    private volatile bool _isOver;

    private Load(IPEndPoint endPoint) => _endPoint = endPoint;

    public IReadOnlyCollection<LoadRequest> Ended => _ended;

    public LoadRequest[] Failed => [.. _ended.Where(static request => request.Failure is not null)];

    /// <summary>
    /// Starts. The balancer gives a new connection to the instance that has the fewest, so that each has one that is kept: they are
    /// opened one after the other, before any other.
    /// </summary>
    public static async Task<Load> StartAsync(IPEndPoint endPoint)
    {
        var load = new Load(endPoint);
        for (var worker = 0; worker < Pooled; worker++)
        {
            await load.AskPooledAsync(worker, load.Now());
        }

        load._work = [.. Enumerable.Range(0, Workers).Select(worker => Task.Run(() => load.WorkAsync(worker)))];
        return load;
    }

    /// <summary>A moment: what begins later has a higher one.</summary>
    public long Now() => Interlocked.Increment(ref _moment);

    /// <summary>Waits until each worker has been answered something that began after the moment.</summary>
    public Task AnsweredSinceAsync(long moment) =>
        WaitAsync(() => Enumerable.Range(0, Workers).All(worker => Volatile.Read(ref _answered[worker]) > moment));

    /// <summary>Waits until an instance has answered so many more requests of either kind of client.</summary>
    public async Task ServedAsync(string instance, int count)
    {
        var since = Now();
        await WaitAsync(() => Count(isPooled: true) >= count && Count(isPooled: false) >= count);

        int Count(bool isPooled) => _ended.Count(
            request => request.Begun > since && request.Instance == instance && request.Worker < Pooled == isPooled);
    }

    public async ValueTask DisposeAsync()
    {
        _isOver = true;
        await Task.WhenAll(_work);
        Array.ForEach(_clients, static client => client.Dispose());
        _news.Dispose();
    }

    /// <summary>Asks who answers, on a connection of its own in any state.</summary>
    public static async Task<string> AskAsync(RawConnection connection)
    {
        await connection.SendAsync("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
        return GetInstance((await connection.ReadResponseAsync()).Content, connection.Tls is null ? "Plaintext" : "Upgraded", connection);
    }

    /// <summary>Upgrades a connection with a request that asks who answers.</summary>
    public static async Task<string> UpgradeAsync(RawConnection connection)
    {
        await connection.UpgradeAsync(RawConnectionUpgradeExtensions.Request(target: "/"));
        return GetInstance((await connection.ReadResponseAsync()).Content, "Upgraded", connection);
    }

    private static string GetInstance(string content, string state, RawConnection? connection)
    {
        var parts = content.Split(": ", 2);
        Assert.Equal(2, parts.Length);
        var port = ((IPEndPoint?)connection?.Socket.LocalEndPoint)?.Port;
        Assert.StartsWith($"{state}, from 127.0.0.1 port {port}", parts[1]);
        return parts[0];
    }

    private async Task WaitAsync(Func<bool> condition)
    {
        using var timeout = new CancellationTokenSource(RawConnection.Patience);
        while (!condition())
        {
            await _news.WaitAsync(timeout.Token);
        }
    }

    private async Task WorkAsync(int worker)
    {
        while (!_isOver)
        {
            var begun = Now();
            try
            {
                await (worker < Pooled ? AskPooledAsync(worker, begun) : AskOnConnectionAsync(worker, begun));
                Volatile.Write(ref _answered[worker], begun);
            }
            catch (Exception failure)
            {
                _ended.Enqueue(new(worker, begun, Instance: null, failure));
            }

            _news.Release();
        }
    }

    private async Task AskPooledAsync(int worker, long begun)
    {
        var content = await _clients[worker].GetStringAsync($"http://{_endPoint}/");
        _ended.Enqueue(new(worker, begun, GetInstance(content, "Upgraded", connection: null)));
    }

    private async Task AskOnConnectionAsync(int worker, long begun)
    {
        await using var connection = await RawConnection.OpenAsync(_endPoint);
        _ended.Enqueue(new(worker, begun, await AskAsync(connection)));
        _ended.Enqueue(new(worker, begun, await UpgradeAsync(connection)));
        _ended.Enqueue(new(worker, begun, await AskAsync(connection)));
    }
}
