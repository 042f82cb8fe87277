using System.Net;

namespace KestrelTlsUpgrade.Benchmarks.Servers;

/// <summary>A server in a process of its own, whose processor time and memory can be told apart from the client's.</summary>
internal abstract class Server : IDisposable
{
    public abstract IPEndPoint EndPoint { get; }

    public abstract ProcessTree Processes { get; }

    /// <summary>Has its garbage collected, where it has a collector that can be asked.</summary>
    public virtual Task CollectGarbageAsync() => Task.CompletedTask;

    public abstract void Dispose();
}
