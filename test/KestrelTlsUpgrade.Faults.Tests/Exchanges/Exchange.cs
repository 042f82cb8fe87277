using System.Net;
using KestrelTlsUpgrade.Faults.Tests.Accounts;
using KestrelTlsUpgrade.Faults.Tests.Link;

namespace KestrelTlsUpgrade.Faults.Tests.Exchanges;

/// <summary>A client, a server, and what they have to say to each other, with a place between them for a link.</summary>
/// <param name="isHasty">Whether every timeout is short, for runs in which one has to end the connection.</param>
internal abstract class Exchange(bool isHasty) : IAsyncDisposable
{
    /// <summary>
    /// Each timeout of a hasty exchange. Kestrel's are measured to a second, which is what most of a run takes.
    /// Where there are many more runs at once, so much is needed to get to where the connection stalls.
    /// </summary>
    protected static readonly TimeSpan Haste = TimeSpan.FromSeconds(FaultPlan.Every == 1 ? 1 : 0.3);

    /// <summary>Each timeout of any other: a timer that was forgotten has not gone by itself when timers are counted.</summary>
    protected static readonly TimeSpan Ages = TimeSpan.FromHours(1);

    private readonly List<ServerAccounts> _accounts = [];
    private readonly Stack<IAsyncDisposable> _parts = new();

    /// <summary>Whether every timeout is short. On a machine that has much else to do, one may be over without a fault.</summary>
    public bool IsHasty => isHasty;

    /// <summary>What the client comes to when nothing goes wrong.</summary>
    public abstract string Expected { get; }

    /// <summary>Whether the client's side of the link is under test: it has to end by its own timeouts.</summary>
    public virtual bool TestsClient => false;

    /// <summary>Whether the server's side of the link is under test.</summary>
    public virtual bool TestsServer => true;

    /// <summary>Whether nothing is left when TLS is broken by what somebody else has put in between.</summary>
    public virtual bool OutlivesInsertions => true;

    /// <summary>Where the link leads.</summary>
    public abstract IPEndPoint Server { get; }

    public abstract Task StartAsync();

    /// <summary>Does it all once, across a link, and returns what the client came to.</summary>
    /// <exception cref="GivenUpException">The other side said that it gave up.</exception>
    public abstract Task<string> RunAsync(IPEndPoint link, CancellationToken cancellationToken);

    /// <summary>Whether an exception tells in a clean way that the connection did not last.</summary>
    public abstract bool IsCleanFailure(Exception exception);

    /// <summary>Waits until the servers have nothing open any more.</summary>
    public Task SettledAsync() => Task.WhenAll(_accounts.Select(accounts => accounts.SettledAsync()));

    public async ValueTask DisposeAsync()
    {
        while (_parts.TryPop(out var part))
        {
            await part.DisposeAsync();
        }

        _accounts.ForEach(accounts => accounts.Dispose());
    }

    /// <summary>Accounts of one more server.</summary>
    protected ServerAccounts Open()
    {
        var accounts = new ServerAccounts();
        _accounts.Add(accounts);
        return accounts;
    }

    /// <summary>Takes over what is to be disposed of with the exchange, the last one first.</summary>
    protected T Own<T>(T part)
        where T : IAsyncDisposable
    {
        _parts.Push(part);
        return part;
    }
}
