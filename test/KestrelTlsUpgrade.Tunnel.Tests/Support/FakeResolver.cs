using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using KestrelTlsUpgrade.Tunnel.Internal.Dialing;

namespace KestrelTlsUpgrade.Tunnel.Tests.Support;

/// <summary>A DNS that gives each name its answers one after the other, the last one for ever.</summary>
internal sealed class FakeResolver : INameResolver
{
    private readonly ConcurrentDictionary<string, Queue<string[]>> _answers = new();
    private int _count;

    /// <summary>How often it was asked.</summary>
    public int Count => _count;

    public FakeResolver Add(string name, params string[][] answers)
    {
        _answers[name] = new(answers);
        return this;
    }

    public IPAddress[] Resolve(string name)
    {
        Interlocked.Increment(ref _count);
        if (!_answers.TryGetValue(name, out var answers))
        {
            throw new SocketException((int)SocketError.HostNotFound);
        }

        return [.. (answers.Count > 1 ? answers.Dequeue() : answers.Peek()).Select(IPAddress.Parse)];
    }
}
