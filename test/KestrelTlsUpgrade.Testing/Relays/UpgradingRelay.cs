using System.Net;
using System.Net.Sockets;

namespace KestrelTlsUpgrade.Testing;

/// <summary>
/// Asks a server for an upgrade in clear text and then puts whoever connects to it behind that: for TLS clients that know
/// nothing of upgrades, and as an attacker on the path would do it (CVE-2025-49812).
/// </summary>
internal sealed class UpgradingRelay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly int? _recordSize;
    private readonly Task _work;

    /// <param name="server">The server.</param>
    /// <param name="request">What is sent in clear text; it has to be answered with 101.</param>
    /// <param name="later">Whether another request goes before it.</param>
    /// <param name="recordSize">How much of the ClientHello goes into each record, where it is cut into more of them.</param>
    public UpgradingRelay(IPEndPoint server, string request, bool later, int? recordSize = null)
    {
        _recordSize = recordSize;
        _listener.Start();
        _work = RelayAsync(server, request, later);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _work;
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task RelayAsync(IPEndPoint server, string request, bool later)
    {
        var relays = new List<Task>();
        try
        {
            while (true)
            {
                relays.Add(RelayAsync(await _listener.AcceptTcpClientAsync(_stop.Token), server, request, later));
            }
        }
        catch (OperationCanceledException)
        {
        }

        await Task.WhenAll(relays);
    }

    private async Task RelayAsync(TcpClient client, IPEndPoint server, string request, bool later)
    {
        using (client)
        {
            await using var connection = await RawConnection.OpenAsync(server).AfterAsync(later);
            await connection.SendAsync(request);
            Assert.Equal(101, (await connection.ReadResponseAsync()).Status);
            var stream = client.GetStream();
            if (_recordSize is { } size)
            {
                await CutHelloAsync(stream, connection.Wire, size);
            }

            await Task.WhenAny(CopyAsync(stream, connection.Wire), CopyAsync(connection.Wire, stream));
        }
    }

    private async Task CutHelloAsync(Stream from, Stream to, int size)
    {
        var record = new byte[5];
        try
        {
            await from.ReadExactlyAsync(record, _stop.Token);
            Array.Resize(ref record, 5 + (record[3] << 8 | record[4]));
            await from.ReadExactlyAsync(record.AsMemory(5), _stop.Token);
            await to.WriteAsync(HelloCuttingStream.Cut(record, size), _stop.Token);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
        }
    }

    private async Task CopyAsync(Stream from, Stream to)
    {
        try
        {
            await from.CopyToAsync(to, _stop.Token);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException)
        {
        }
    }
}
