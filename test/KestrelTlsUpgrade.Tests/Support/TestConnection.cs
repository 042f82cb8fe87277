using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using KestrelTlsUpgrade.Connections.Pipes;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace KestrelTlsUpgrade.Tests.Support;

/// <summary>
/// A connection in memory. Its pipes run inline, so that what follows from a write has happened when that returns.
/// </summary>
internal sealed class TestConnection
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly PipeOptions Inline = new(
        readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, useSynchronizationContext: false);

    public TestConnection()
    {
        var toServer = new Pipe(Inline);
        var toClient = new Pipe(Inline);
        Client = toServer.Writer;
        Context = new DefaultConnectionContext(
            "test", new TransportPipe(toServer.Reader, toClient.Writer), new TransportPipe(toClient.Reader, toServer.Writer));
        Context.Features.Set<IConnectionHeartbeatFeature>(Heartbeat);
        Context.Features.Set<IConnectionLifetimeNotificationFeature>(Lifetime);
        Context.Features.Set<IConnectionMetricsTagsFeature>(MetricsTags);
    }

    public DefaultConnectionContext Context { get; }

    /// <summary>What the client sends.</summary>
    public PipeWriter Client { get; }

    public FakeHeartbeat Heartbeat { get; } = new();

    public FakeLifetimeNotification Lifetime { get; } = new(new CancellationTokenSource());

    public FakeMetricsTags MetricsTags { get; } = new();

    public Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes) => await Client.WriteAsync(bytes);

    /// <summary>What the next reader of the connection gets without anything more from the client.</summary>
    public string ReadAtOnce()
    {
        // Not TryRead, which also returns what has been examined before, where ReadAsync waits.
        var reading = Context.Transport.Input.ReadAsync().AsTask();
        Assert.True(reading.IsCompletedSuccessfully);
        var read = reading.Result;
        Assert.False(read.IsCanceled);
        var text = Encoding.Latin1.GetString(read.Buffer.ToArray());
        Context.Transport.Input.AdvanceTo(read.Buffer.Start);
        return text;
    }

    /// <summary>Hangs up and returns what the next reader of the connection gets.</summary>
    public async Task<string> ReadRestAsync()
    {
        await Client.CompleteAsync();
        var read = await Context.Transport.Input.ReadAtLeastAsync(int.MaxValue).AsTask().WaitAsync(Patience);
        Assert.True(read.IsCompleted);
        Assert.False(read.IsCanceled);
        return Encoding.Latin1.GetString(read.Buffer.ToArray());
    }
}
