using KestrelTlsUpgrade.Internal.Tls;
using KestrelTlsUpgrade.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace KestrelTlsUpgrade.Tests.Tls;

public sealed class LingeringTests
{
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Moment = TimeSpan.FromTicks(1);

    private readonly TestConnection _connection = new();
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task RunAsync_ClientHasClosed_EndsAtOnce()
    {
        await _connection.SendAsync("more");
        await _connection.Client.CompleteAsync();

        Assert.True(Run().IsCompletedSuccessfully);
    }

    [Fact]
    public async Task RunAsync_ClientCloses_Ends()
    {
        var lingering = Run();
        Assert.False(lingering.IsCompleted);

        await _connection.SendAsync("more");
        Assert.False(lingering.IsCompleted);

        await _connection.Client.CompleteAsync();
        Assert.True(lingering.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task RunAsync_ClientIsReset_Ends()
    {
        var lingering = Run();

        await _connection.Client.CompleteAsync(new IOException("reset"));

        Assert.True(lingering.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task RunAsync_Silence_EndsAfterItsTimeout()
    {
        var lingering = Run();
        _time.Advance(Silence - Moment);
        Assert.False(lingering.IsCompleted);

        // Whoever sends is not silent.
        await _connection.SendAsync("more");
        _time.Advance(Silence - Moment);
        Assert.False(lingering.IsCompleted);

        _time.Advance(Moment);
        Assert.True(lingering.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task RunAsync_ClientGoesOnSending_EndsAllTheSame()
    {
        var lingering = Run();
        for (var second = 0; second < 29; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await _connection.SendAsync("more");
            Assert.False(lingering.IsCompleted);
        }

        _time.Advance(TimeSpan.FromSeconds(1));
        await _connection.SendAsync("more");
        Assert.True(lingering.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task RunAsync_ClientSendsTooMuch_Ends()
    {
        var lingering = Run();
        var block = new byte[1_000_000];
        for (var sent = 0; sent < 30; sent++)
        {
            await _connection.SendAsync(block);
            Assert.False(lingering.IsCompleted);
        }

        await _connection.SendAsync(block);
        Assert.True(lingering.IsCompletedSuccessfully);
    }

    /// <summary>What has arrived is discarded: it would reset the connection.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task RunAsync_Shutdown_WaitsForNothing(bool isBefore)
    {
        await _connection.SendAsync("more");
        Task? lingering = null;
        if (!isBefore)
        {
            lingering = Run();
            Assert.False(lingering.IsCompleted);
        }

        _connection.Lifetime.RequestClose();
        lingering ??= Run();

        Assert.True(lingering.IsCompletedSuccessfully);
        Assert.False(_connection.Context.Transport.Input.TryRead(out var rest) && !rest.Buffer.IsEmpty);
    }

    private Task Run() => Lingering.RunAsync(_connection.Context, _time).AsTask();
}
