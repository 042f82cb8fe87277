using System.Diagnostics;
using KestrelTlsUpgrade.Faults.Tests.Exchanges;
using KestrelTlsUpgrade.Faults.Tests.Link;

namespace KestrelTlsUpgrade.Faults.Tests;

/// <summary>One exchange across one link, and what is to be said about it.</summary>
internal sealed class FaultRun(Exchange exchange, Fault? fault)
{
    /// <summary>More than all timeouts of a hasty exchange together, on a machine that has much else to do.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(25);

    /// <summary>Whether the fault has happened. What varies in length may be over before.</summary>
    public bool HasStruck { get; private set; }

    /// <summary>Whether anything arrived in another order than it was sent in.</summary>
    public bool HasReordered { get; private set; }

    public bool HasSucceeded { get; private set; }

    /// <summary>What went over the link.</summary>
    public IReadOnlyList<(byte[] ToServer, byte[] ToClient)> Sent { get; private set; } = [];

    /// <summary>Runs it. Any exception says that something is wrong.</summary>
    public async Task RunAsync()
    {
        var clock = Stopwatch.StartNew();
        await using var link = new FaultyLink(exchange.Server, fault);
        using var enough = new CancellationTokenSource();
        var failure = await TalkAsync(link, enough);
        await link.EndedAsync(exchange.TestsClient, exchange.TestsServer);
        if (clock.Elapsed > Bound)
        {
            throw new TimeoutException($"It took {clock.Elapsed}, and ended with {failure}.");
        }

        foreach (var connection in link.Connections)
        {
            TlsWire.VerifySwitch(connection);
        }

        HasStruck = link.HasStruck;
        HasReordered = link.HasReordered;
        HasSucceeded = failure is null;
        Sent = [.. link.Connections.Select(connection => (connection.ToServer.Sent, connection.ToClient.Sent))];
        if (failure is not null && !exchange.IsHasty && (fault is null or { IsHarmless: true } || !HasStruck))
        {
            throw new InvalidOperationException($"It failed although everything arrived: {failure.Message}", failure);
        }

        if (HasSucceeded && HasStruck && fault is { IsFatal: true })
        {
            throw new InvalidOperationException("It succeeded although that cannot be.");
        }

        if (failure is GivenUpException { IsInClearText: true } && TlsWire.HasSwitched(link.Connections.ElementAt(fault!.Connection)))
        {
            throw new InvalidOperationException("It went on in clear text after an upgrade that failed.", failure);
        }
    }

    /// <summary>Returns how the client failed, if it did in a way that it may.</summary>
    private async Task<Exception?> TalkAsync(FaultyLink link, CancellationTokenSource enough)
    {
        var talking = exchange.RunAsync(link.EndPoint, enough.Token);
        if (fault is { Kind: FaultKind.Stall, Direction: Direction.ToClient } && !exchange.TestsClient)
        {
            // The client is no part of the test, and does not get to know that the server has ended.
            await Task.WhenAny(talking, link.ServerEnd);
            await enough.CancelAsync();
        }

        try
        {
            Assert.Equal(exchange.Expected, await talking);
            return null;
        }
        catch (Exception exception) when (exchange.IsCleanFailure(exception))
        {
            return exception;
        }
    }
}
